import { type MapValue, type Scalar, scalar, type Value, type ValueType } from '../../providers/contract/value-type.ts';
import { keyText, toJson } from '../values/json-value.ts';

/** Node has had it since 21 (https://github.com/tc39/proposal-json-parse-with-source); TypeScript's types lack it. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * Reads JSON in which whole numbers may have 64 bits, as Python writes them: what a number of JavaScript can't hold
 * exactly is a text of its digits. Throws a SyntaxError where it is no JSON.
 */
export function parseExactly(text: string): unknown {
  const revive = (_key: string, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
      ? source
      : value;
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]);
}

/**
 * A value as Feast's feature server writes it, to be given to `JSON.stringify`: whole numbers as numbers however large, instants
 * as seconds since 1970 UTC (with decimals, where they have a fraction). All else is as in our own JSON.
 */
export function toFeastJson(type: ValueType, value: Value): unknown {
  if (type.kind === 'MAP' && value !== null) {
    const entries = Array.from(value as MapValue, ([key, one]): [string, unknown] => {
      return [keyText(type.key, key), toFeastJson(scalar(type.element), one)];
    });
    return Object.fromEntries(entries);
  }
  const name = type.kind === 'SCALAR' ? type.name : type.kind === 'ARRAY' ? type.element : undefined;
  if (value === null || (name !== 'INT64' && name !== 'TIMESTAMP')) return toJson(type, value);
  const write = (one: Scalar | null) =>
    one === null ? null : rawJSON(name === 'INT64' ? String(one) : secondsOf(one as bigint));
  return Array.isArray(value) ? value.map(write) : write(value as Scalar);
}

function secondsOf(micros: bigint): string {
  const sign = micros < 0n ? '-' : '';
  const [whole, fraction] = [abs(micros) / 1_000_000n, abs(micros) % 1_000_000n];
  const decimals = fraction === 0n ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
  return `${sign}${whole}${decimals}`;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
