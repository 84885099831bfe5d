import type { Scalar, Value } from '../../providers/contract/value-type.ts';

/*
 * What a feature over a window is, said without tiles, states, stores or product code: look at every event, and compute
 * with exact fractions.
 */

/** An event of one key; times in microseconds since 1970. `id` is null where it has none. */
export type OracleEvent = {
  time: bigint;
  created: bigint | null;
  id: string | null;
  values: Readonly<Record<string, Value>>;
};

export type OracleFeature = {
  function: string;
  column?: string;
  /** The column by whose values it is a map. */
  secondaryKey?: string;
  /** FOREVER when undefined. */
  length: bigint | undefined;
  hop: bigint;
  offset: bigint;
  inclusive: boolean;
  k?: number;
  limit?: number;
  quantile?: number;
  /** The value of a window without any, where one is declared. */
  whenEmpty?: Value;
  /** Whether an event counts, by its values. */
  accepts?: (values: OracleEvent['values']) => boolean;
  /** What sums are of. */
  integers?: boolean;
};

/** A sum beyond INT64, or more different values or keys than are kept. */
export const beyond = 'BEYOND';

export function windowValue(feature: OracleFeature, events: readonly OracleEvent[], instant: bigint, knownBy?: bigint) {
  const known = knownBy === undefined ? events : events.filter(({ created }) => created !== null && created <= knownBy);
  const accepted = oneOfEach(known).filter(({ values }) => feature.accepts?.(values) ?? true);
  const inWindow = accepted.filter(({ time }) => isIn(feature, time, instant));
  return feature.secondaryKey === undefined
    ? plainValue(feature, inWindow)
    : mapOf(feature.secondaryKey, feature, inWindow);
}

/** What the function is of the events of each key. */
function mapOf(secondaryKey: string, feature: OracleFeature, events: readonly OracleEvent[]): Value | typeof beyond {
  const keys = differentValues(events.flatMap(({ values }) => (values[secondaryKey] as Scalar | null) ?? []));
  if (keys.length > 1_000 || keys.some((key) => typeof key === 'string' && key.length > 1_000)) return beyond;
  const entries = keys.map((key) => {
    const ofKey = events.filter(({ values }) => values[secondaryKey] === key);
    return [key, plainValue(feature, ofKey)] as [Scalar, Scalar | null];
  });
  return entries.some(([, value]) => value === beyond) ? beyond : new Map(entries);
}

function plainValue(feature: OracleFeature, inWindow: readonly OracleEvent[]): Value | typeof beyond {
  if (feature.column === undefined) return counted(inWindow.length, feature);
  const column = feature.column;
  const valued = inWindow.filter(({ values }) => values[column] !== null && values[column] !== undefined);
  const ordered = valued
    .map((event) => ({ ...event, value: event.values[column] as Scalar }))
    .sort((left, right) => compareEvents(left, right));
  return aggregated(feature, ordered);
}

function isIn({ length, hop, offset, inclusive }: OracleFeature, time: bigint, instant: bigint): boolean {
  const end = instant - offset;
  if (inclusive ? time > end : time >= end) return false;
  if (length === undefined) return true;
  const start = end - length;
  if (hop === 0n) return time >= start;
  const steps = start / hop - (start % hop < 0n ? 1n : 0n);
  return time >= steps * hop;
}

/** Of rows with one id and time the one that was recorded last, or is greatest. */
function oneOfEach(events: readonly OracleEvent[]): OracleEvent[] {
  return events.filter((event, at) => {
    if (event.id === null) return true;
    return !events.some((other, place) => {
      if (place === at || other.id !== event.id || other.time !== event.time) return false;
      const order = compareRows(other, event);
      return order > 0 || (order === 0 && place < at);
    });
  });
}

function compareRows(left: OracleEvent, right: OracleEvent): number {
  const created = compareNullable(left.created, right.created);
  if (created !== 0) return created;
  for (const name of Object.keys(left.values)) {
    const order = compareNullable(left.values[name] as Scalar | null, right.values[name] as Scalar | null);
    if (order !== 0) return order;
  }
  return 0;
}

type Valued = OracleEvent & { value: Scalar };

function compareEvents(left: Valued, right: Valued): number {
  if (left.time !== right.time) return left.time < right.time ? -1 : 1;
  return compareNullable(left.created, right.created) || compareScalars(left.value, right.value);
}

function compareNullable(left: Scalar | null, right: Scalar | null): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  return compareScalars(left, right);
}

/** False, then true; numbers, −0 before 0, NaN last; texts by code points. */
function compareScalars(left: Scalar, right: Scalar): number {
  if (typeof left === 'number' && typeof right === 'number') return compareLists(placeOf(left), placeOf(right));
  if (typeof left === 'string' && typeof right === 'string') return compareLists(pointsOf(left), pointsOf(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

function placeOf(value: number): number[] {
  return Number.isNaN(value) ? [1, 0, 0] : [0, value, Object.is(value, -0) ? -1 : 0];
}

function pointsOf(text: string): number[] {
  return [...text].map((point) => point.codePointAt(0) ?? 0);
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((value, place) => value !== right[place]);
  if (at < 0) return left.length - right.length;
  return at >= right.length || (left[at] ?? 0) > (right[at] ?? 0) ? 1 : -1;
}

function counted(count: number, { whenEmpty }: OracleFeature): Value {
  return count === 0 && whenEmpty !== undefined ? whenEmpty : BigInt(count);
}

function aggregated(feature: OracleFeature, events: readonly Valued[]): Value | typeof beyond {
  const values = events.map(({ value }) => value);
  if (feature.function === 'COUNT') return counted(values.length, feature);
  const distinct = differentValues(values);
  if (distinct.length > (feature.limit ?? 1_000) && feature.function.includes('DISTINCT')) return beyond;
  if (feature.function === 'COUNT_DISTINCT') return counted(distinct.length, feature);
  if (values.length === 0) return feature.whenEmpty ?? null;
  const sorted = values.toSorted(compareScalars);
  switch (feature.function) {
    case 'SUM':
      return feature.integers ? wholeSum(values) : nearest(fractionSum(values as number[]));
    case 'MEAN':
      return meanOf(fractionSum(values), values.length);
    case 'VARIANCE':
    case 'STDDEV':
      return spread(feature, values);
    case 'MIN':
      return sorted[0] ?? null;
    case 'MAX':
      return sorted.at(-1) ?? null;
    case 'FIRST':
      return values[0] ?? null;
    case 'LAST':
      return values.at(-1) ?? null;
    case 'LAST_K':
      return values.toReversed().slice(0, feature.k);
    case 'COLLECT_DISTINCT':
      return distinct;
    default:
      return values.some((value) => Number.isNaN(value))
        ? Number.NaN
        : Number(sorted[Math.floor((feature.quantile ?? 0) * (values.length - 1))]);
  }
}

function differentValues(values: readonly Scalar[]): Scalar[] {
  const sorted = values.map((value) => (value === 0 ? 0 : value)).toSorted(compareScalars);
  return sorted.filter((value, at) => at === 0 || compareScalars(value, sorted[at - 1] as Scalar) !== 0);
}

function wholeSum(values: readonly Scalar[]): Value | typeof beyond {
  const sum = values.reduce<bigint>((total, value) => total + BigInt(value as bigint), 0n);
  return BigInt.asIntN(64, sum) === sum ? sum : beyond;
}

/** Every double is a whole number of these. */
const unit = 1_074;

/** A sum as a whole number of 2^-1074, or what infinities and NaN make of it. */
function fractionSum(values: readonly Scalar[]): bigint | number {
  const special = values.reduce<number>(
    (sum, value) => (Number.isFinite(Number(value)) ? sum : sum + Number(value)),
    0,
  );
  return special === 0 ? values.reduce<bigint>((sum, value) => sum + inUnits(value), 0n) : special;
}

function inUnits(value: Scalar): bigint {
  if (typeof value === 'bigint') return value << BigInt(unit);
  let [number, shift] = [Number(value), 0];
  if (!Number.isFinite(number)) throw new RangeError(`${number} is not a number of units`);
  while (!Number.isInteger(number)) {
    number *= 2;
    shift++;
  }
  return BigInt(number) << BigInt(unit - shift);
}

/** The double that is nearest to a fraction: of the two around it, that which differs less, or is even. */
function nearest(sum: bigint | number, scale = unit): number {
  if (typeof sum === 'number') return sum;
  if (sum < 0n) return -nearest(-sum, scale);
  if (sum === 0n) return 0;
  const least = scale - unit;
  let exponent = Math.max(sum.toString(2).length - 53, least);
  let mantissa = sum >> BigInt(exponent);
  const rest = (sum - (mantissa << BigInt(exponent))) * 2n - (1n << BigInt(exponent));
  if (exponent > 0 && (rest > 0n || (rest === 0n && mantissa % 2n === 1n))) mantissa++;
  let value = Number(mantissa);
  for (exponent -= scale; exponent > 0; exponent--) value *= 2;
  for (; exponent < 0; exponent++) value /= 2;
  return value;
}

function meanOf(sum: bigint | number, count: number): number {
  return typeof sum === 'number' ? sum : nearestFraction(sum, BigInt(count), unit);
}

/** The double nearest to sum / over · 2^-`scale`. */
function nearestFraction(sum: bigint, over: bigint, scale: number): number {
  if (sum < 0n) return -nearestFraction(-sum, over, scale);
  // Far more digits than a double has; the last says that there are others behind it.
  const digits = BigInt(over.toString(2).length + 200);
  const quotient = (sum << digits) / over;
  const more = quotient * over === sum << digits ? 0n : 1n;
  return nearest(quotient * 2n + more, scale + Number(digits) + 1);
}

/** The double nearest to the root of sum / over · 2^-(2 · `unit`): of all doubles in their order, the last whose square is not greater, or the next. */
function nearestRoot(sum: bigint, over: bigint): number {
  // In halves of a unit, so that what lies between two doubles is a whole number, too.
  const isAtMost = (half: bigint) => half * half * over <= 4n * sum;
  let [low, high] = [0n, doubleBits(Number.MAX_VALUE)];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (isAtMost(2n * inUnits(doubleOf(middle)))) low = middle;
    else high = middle - 1n;
  }
  // What is rounded beyond the greatest double is rounded as if another followed it.
  const next = low === doubleBits(Number.MAX_VALUE) ? 1n << BigInt(1_024 + unit) : inUnits(doubleOf(low + 1n));
  const between = inUnits(doubleOf(low)) + next;
  const isHalfway = between * between * over === 4n * sum;
  if (isHalfway ? low % 2n === 0n : !isAtMost(between)) return doubleOf(low);
  return doubleOf(low + 1n);
}

const bits = new DataView(new ArrayBuffer(8));

function doubleOf(word: bigint): number {
  bits.setBigUint64(0, word);
  return bits.getFloat64(0);
}

function doubleBits(value: number): bigint {
  bits.setFloat64(0, value);
  return bits.getBigUint64(0);
}

function spread({ function: name, whenEmpty }: OracleFeature, values: readonly Scalar[]): Value {
  const count = BigInt(values.length);
  if (count < 2n) return whenEmpty ?? null;
  if (values.some((value) => !Number.isFinite(Number(value)))) return Number.NaN;
  const all = values.map(inUnits);
  const total = all.reduce((sum, value) => sum + value, 0n);
  const squares = all.reduce((sum, value) => sum + value * value, 0n);
  const [left, over] = [count * squares - total * total, count * (count - 1n)];
  return name === 'STDDEV' ? nearestRoot(left, over) : nearestFraction(left, over, 2 * unit);
}
