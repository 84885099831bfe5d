import type { EntityOptions, Featuregraph, InstantOptions } from './client.ts';
import type { CallOptions } from './connection-options.ts';
import type { Fields } from './entity-query.ts';
import type { DownloadFormat, JsonValue, SplitPart, ValueStatus } from './generated/operations.ts';
import type { GivenValue } from './json-form.ts';
import type { GivenKeyColumn } from './online-features.ts';
import { typedValue } from './typed-values.ts';

/**
 * What is registered, as a module that `featuregraph codegen` writes has it: services, entities and training sets of one
 * server under their names and types.
 */

/** A value, with what it is where there is none. `eventTimestamp` is ISO 8601, in UTC. */
export type ServedValue<T> = { eventTimestamp: string | null } & (
  | { status: Extract<ValueStatus, 'PRESENT'>; value: T }
  | { status: Exclude<ValueStatus, 'PRESENT'>; value: null }
);
export type Served<V> = { [K in keyof V]: ServedValue<V[K]> };

/** A key as it may be given: a bigint also as a number. */
export type Given<K> = {
  readonly [N in keyof K]: K[N] extends object ? Given<K[N]> : K[N] extends bigint ? bigint | number : K[N];
};

/** Types by name; of keys those of roles, where there is more than one role. */
type Types = { readonly [name: string]: string };
type KeyTypes = { readonly [joinKeyOrRole: string]: string | Types };

/** Where on-demand features are among them, the values of the request have to be given. */
type Options<R, G> = [R] extends [undefined] ? [options?: InstantOptions] : [options: InstantOptions & { request: G }];

export type BoundService<K, V, R = undefined> = {
  readonly ref: string;
  /** The latest values for one row of keys. */
  online(keys: Given<K>, ...options: Options<R, Given<R>>): Promise<Served<V>>;
  /** The same for many, in their order, in one request. */
  onlineMany(keys: readonly Given<K>[], ...options: Options<R, readonly Given<R>[]>): Promise<Served<V>[]>;
};

export function boundService<K, V, R = undefined>(
  client: Featuregraph,
  ref: string,
  { keys: keyTypes, features }: { keys: KeyTypes; features: Types },
): BoundService<K, V, R> {
  type Many = InstantOptions & { request?: readonly GivenRow[] };
  async function served(rows: readonly Given<K>[], { request, ...options }: Many = {}): Promise<Served<V>[]> {
    if (rows.length === 0) return [];
    const keys = keyColumns(keyTypes, rows as readonly GivenRow[]);
    const asked = request === undefined ? options : { ...options, request: requestColumns(request) };
    const { columns } = await client.onlineFeatures(ref, keys, asked);
    return rows.map((_, at) => {
      const values = columns.map(({ name, values, statuses, eventTimestamps }) => {
        const value = typedValue(features[name] ?? '', values[at] ?? null);
        return [name, { status: statuses[at], value, eventTimestamp: eventTimestamps[at] ?? null }];
      });
      return Object.fromEntries(values) as Served<V>;
    });
  }
  return {
    ref,
    onlineMany: (rows, ...[options]) => served(rows, options as Many | undefined),
    online: async (keys, ...[options]) => {
      const { request, ...rest } = (options ?? {}) as InstantOptions & { request?: GivenRow };
      return (await served([keys], { ...rest, ...(request && { request: [request] }) }))[0] as Served<V>;
    },
  };
}

/** Rows of values as lists; what some row leaves out is null there. */
function requestColumns(rows: readonly GivenRow[]): Record<string, GivenValue[]> {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return Object.fromEntries([...names].map((name) => [name, rows.map((row) => row[name] ?? null)]));
}

type GivenRow = { readonly [joinKeyOrRole: string]: GivenValue };

function keyColumns(types: KeyTypes, rows: readonly GivenRow[]): GivenKeyColumn[] {
  return Object.entries(types).flatMap(([name, own]): GivenKeyColumn[] => {
    if (typeof own === 'string') return [{ joinKey: name, values: rows.map((row) => row[name] as GivenValue) }];
    return Object.keys(own).map((joinKey) => ({
      role: name,
      joinKey,
      values: rows.map((row) => (row[name] as GivenRow | undefined)?.[joinKey] as GivenValue),
    }));
  });
}

/** What on-demand views of an entity take, by their fields, of those that are selected. */
type Requests<Q, S> = { readonly [N in keyof Q & keyof S]: Given<Q[N]> };
type EntityArguments<Q, S> = [keyof Q & keyof S] extends [never]
  ? [options?: InstantOptions]
  : [options: InstantOptions & { request: Requests<Q, S> }];

/** Some fields of some views: `{ stats: { convRate: true } }`. */
export type ViewsSelection<V> = { readonly [N in keyof V]?: { readonly [F in keyof V[N]]?: true } };
export type SelectedViews<V, S> = {
  [N in keyof S & keyof V]: { [F in keyof S[N] & keyof V[N]]: V[N][F] | null } | null;
};

export type BoundEntity<K, V, Q = Record<never, never>> = {
  /**
   * Fields of views of one entity; null where a view has no row. Where on-demand views are among them, `request` has what
   * each is computed from: `{ request: { quote: { amount: 12.5 } } }`.
   */
  get<const S extends ViewsSelection<V>>(
    key: Given<K>,
    select: S,
    ...options: EntityArguments<Q, S>
  ): Promise<SelectedViews<V, S> | null>;
};

export function boundEntity<K, V, Q = Record<never, never>>(
  client: Featuregraph,
  field: string,
  views: { readonly [view: string]: Types },
): BoundEntity<K, V, Q> {
  return {
    async get(key, select, ...[options]) {
      const asked = options as EntityOptions | undefined;
      const found = await client.entity(field, key as GivenRow, select as unknown as Fields, asked);
      if (found === null) return null;
      const read = Object.entries(found).map(([view, row]) => [
        view,
        typedRow(views[view] ?? {}, row as JsonRow | null),
      ]);
      return Object.fromEntries(read);
    },
  };
}

type JsonRow = { readonly [name: string]: JsonValue };

function typedRow(types: Types, row: JsonRow | null): unknown {
  if (row === null) return null;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typedValue(types[name] ?? '', value)]));
}

export type BoundTrainingSet<R> = {
  readonly ref: string;
  /** Every row of its latest run. Fails with NOT_READY before the first. */
  rows(options?: CallOptions & { split?: SplitPart }): AsyncGenerator<R, void, undefined>;
  /** All rows as a file that streams: PARQUET when left out. */
  download(options?: CallOptions & { format?: DownloadFormat; split?: SplitPart }): Promise<Response>;
};

export function boundTrainingSet<R>(client: Featuregraph, ref: string, columns: Types): BoundTrainingSet<R> {
  const handle = client.trainingSet(ref);
  return {
    ref,
    download: (options) => handle.download(options),
    async *rows(options) {
      for await (const row of handle.rows(options)) yield typedRow(columns, row) as R;
    },
  };
}
