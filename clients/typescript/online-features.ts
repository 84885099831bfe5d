import type { JsonValue, KeyColumnInput, OnlineFeaturesQuery, ValueStatus } from './generated/operations.ts';
import { type GivenValue, unsendable } from './json-form.ts';

export type OnlineFeatures = OnlineFeaturesQuery['onlineFeatures'];

/** Keys by join key, one list each; within a role where an entity plays several: `{ origin: { faa: ['JFK'] } }`. */
export type KeyColumns = {
  readonly [joinKeyOrRole: string]: KeyList | { readonly [joinKey: string]: KeyList };
};
type KeyList = readonly GivenValue[] | BigInt64Array | Int32Array;
export type GivenKeyColumn = Omit<KeyColumnInput, 'values'> & { values: KeyList };
export type Keys = readonly GivenKeyColumn[] | KeyColumns;

export function keyColumns(keys: Keys): KeyColumnInput[] {
  const columns = Array.isArray(keys) ? (keys as GivenKeyColumn[]) : Object.entries(keys ?? {}).flatMap(columnsOf);
  return columns as KeyColumnInput[];
}

function columnsOf([name, given]: [string, KeyColumns[string]]): GivenKeyColumn[] {
  if (isList(given)) return [{ joinKey: name, values: given }];
  const ofRole = Object.entries(given ?? {});
  if (ofRole.length > 0 && ofRole.every(([, values]) => isList(values)))
    return ofRole.map(([joinKey, values]) => ({ role: name, joinKey, values }));
  throw unsendable(given, `.keys.${name}`, 'Give lists: { driver_id: [7] }.');
}

const isList = (given: unknown): given is KeyList => Array.isArray(given) || ArrayBuffer.isView(given);

/** One row of keys: its values by name. */
export type FeatureRow = { [name: string]: JsonValue };

export function rowsOf({ size, columns }: OnlineFeatures): FeatureRow[] {
  return Array.from({ length: size }, (_, at) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[at] ?? null])),
  );
}

/** A column as an array of machine numbers. `valid` is 1 where there is a value; what is null is NaN, or 0. */
export type TypedColumn = {
  name: string;
  values: Float64Array | Uint8Array | Float32Array;
  valid: Uint8Array;
  /** How many numbers make one value: more than 1 for vectors alone. */
  width: number;
  statuses: readonly ValueStatus[];
};

/**
 * Columns of numbers, booleans and vectors as typed arrays, for models that take these. Columns of anything else, and of
 * whole numbers that are too large for a double, which come as text, are left out.
 */
export function typedColumns({ columns }: OnlineFeatures): TypedColumn[] {
  return columns.flatMap(({ name, values, statuses }) => {
    const typed = typedArray(values);
    return typed === undefined ? [] : [{ name, statuses, ...typed }];
  });
}

function typedArray(values: readonly JsonValue[]): Omit<TypedColumn, 'name' | 'statuses'> | undefined {
  const valid = Uint8Array.from(values, (value) => (value === null ? 0 : 1));
  const all = (is: (value: JsonValue) => boolean) => values.every((value) => value === null || is(value));
  if (all((value) => typeof value === 'number'))
    return { values: Float64Array.from(values, (value) => (value as number | null) ?? Number.NaN), valid, width: 1 };
  if (all((value) => typeof value === 'boolean')) return { values: Uint8Array.from(values, Number), valid, width: 1 };
  const width = Math.max(...values.map((value) => (Array.isArray(value) ? value.length : 0)));
  const isVector = (value: JsonValue) =>
    Array.isArray(value) && value.length === width && value.every((one) => typeof one === 'number');
  if (!all(isVector)) return undefined;
  const flat = new Float32Array(values.length * width).fill(Number.NaN);
  for (const [at, value] of values.entries()) if (Array.isArray(value)) flat.set(value as number[], at * width);
  return { values: flat, valid, width };
}
