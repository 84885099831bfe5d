/** By how much a zone is ahead of UTC at an instant, both in milliseconds. */
type Offset = (milliseconds: number) => number;

/** Of `UTC`, `+02:00`, `02:00`, or a name of the IANA data that Node has. Undefined for what is no zone. */
export function zoneOffset(zone: string): Offset | undefined {
  if (zone === 'UTC') return () => 0;
  const [, sign, hours, minutes] = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone) ?? [];
  if (hours !== undefined && minutes !== undefined) {
    const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return () => (sign === '-' ? -offset : offset);
  }
  return /^[A-Za-z]/.test(zone) ? namedOffset(zone) : undefined;
}

/** Offsets of whole days by zone, however it is spelt, as far as they were asked for: reading one of `Intl` takes some 13 µs. */
const known = new Map<string, { read: Offset; days: Map<number, number> }>();
const mostDays = 100_000;
let knownDays = 0;
const dayMilliseconds = 86_400_000;

function namedOffset(zone: string): Offset | undefined {
  const format = formatOf(zone);
  if (format === undefined) return undefined;
  const { timeZone } = format.resolvedOptions();
  const ofZone = known.get(timeZone) ?? { read: offsetIn(format), days: new Map() };
  known.set(timeZone, ofZone);
  return (milliseconds) => offsetOf(ofZone, milliseconds);
}

/** No zone leaves an offset and comes back to it within a day: where both ends of one agree, so does all between. */
function offsetOf({ read, days }: { read: Offset; days: Map<number, number> }, milliseconds: number): number {
  const day = Math.floor(milliseconds / dayMilliseconds);
  const offset = days.get(day);
  if (offset !== undefined) return offset;
  const [first, next] = [read(day * dayMilliseconds), read((day + 1) * dayMilliseconds)];
  if (first !== next) return read(milliseconds);
  if (++knownDays > mostDays) forget();
  days.set(day, first);
  return first;
}

function forget(): void {
  for (const { days } of known.values()) days.clear();
  knownDays = 1;
}

function offsetIn(format: Intl.DateTimeFormat): Offset {
  return (milliseconds) => {
    const parts: Record<string, number> = {};
    let isBeforeYearOne = false;
    for (const { type, value } of format.formatToParts(milliseconds)) {
      if (type === 'era') isBeforeYearOne = value.startsWith('B');
      else parts[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const local = new Date(0);
    local.setUTCFullYear(isBeforeYearOne ? 1 - year : year, month - 1, day);
    local.setUTCHours(hour, minute, second);
    return local.getTime() - Math.floor(milliseconds / 1_000) * 1_000;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    const numeric = 'numeric' as const;
    const fields = {
      era: 'short' as const,
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    };
    return new Intl.DateTimeFormat('en-US', { ...fields, timeZone, hourCycle: 'h23', calendar: 'gregory' });
  } catch {
    return undefined;
  }
}
