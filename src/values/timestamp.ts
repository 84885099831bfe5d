const form =
  /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})0*)?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const dayMilliseconds = 86_400_000;

/**
 * Reads an ISO 8601 instant, with up to six decimals of a second, into microseconds since
 * 1970-01-01T00:00:00Z. Without a zone it is UTC; without a time, midnight. Undefined when it is none, when a
 * field is out of range (there is no 30 February), or when it has more decimals than microseconds hold.
 */
export function parseTimestamp(text: string): bigint | undefined {
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    form.exec(text.trim()) ?? [];
  if (year === '') return undefined;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const milliseconds = Date.parse(local);
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== local) return undefined;
  const offset = zoneMinutes(zone);
  if (offset === undefined) return undefined;
  return BigInt(milliseconds - offset * 60_000) * 1_000n + BigInt(fraction.padEnd(6, '0'));
}

/**
 * Writes microseconds since 1970-01-01T00:00:00Z as `2013-01-01T05:00:00.123456Z`; the decimals are left out
 * when they are zero. Years past 9999 have a sign and six digits; beyond what a Date holds (years ±271,821) the
 * count itself is written, as in `9200000000000000000us`.
 */
export function formatTimestamp(microseconds: bigint): string {
  const micros = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((microseconds - micros) / 1_000n));
  if (Number.isNaN(date.getTime())) return `${microseconds}us`;
  const decimals = micros === 0n ? '' : `.${micros.toString().padStart(6, '0')}`;
  return `${date.toISOString().slice(0, -5)}${decimals}Z`;
}

/** Reads `2013-01-31` into days since 1970-01-01. */
export function parseDate(text: string): number | undefined {
  const written = text.trim();
  const micros = /[T :]/i.test(written) ? undefined : parseTimestamp(written);
  return micros === undefined ? undefined : Number(micros / 1_000n) / dayMilliseconds;
}

/** Writes days since 1970-01-01 as `2013-01-31`; beyond what a Date holds, as `200000000d`. */
export function formatDate(days: number): string {
  const date = new Date(days * dayMilliseconds);
  return Number.isNaN(date.getTime()) ? `${days}d` : date.toISOString().slice(0, -14);
}

function zoneMinutes(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.replace(':', '').slice(3) || '0');
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
