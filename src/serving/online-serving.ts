import { Failure } from '../../providers/contract/failure.ts';
import { type RowLayout, rowTimestamps, unpackValue } from '../../providers/contract/online-row.ts';
import type { RowRead } from '../../providers/contract/online-store.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import type { ResolvedFeature } from '../registry/selection.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { entityKey, keyTypes, viewRows } from './view-rows.ts';

export const valueStatuses = ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_TTL', 'ERROR'] as const;
export type ValueStatus = (typeof valueStatuses)[number];

/** The keys of one role: for each row the values of the entity's join keys, in their order. */
export type RoleKeys = ReadonlyMap<string, readonly (readonly (Scalar | null)[])[]>;

/** One feature for all rows asked for. Timestamps are microseconds since 1970 UTC. */
export type ServedColumn = {
  feature: ResolvedFeature;
  values: Value[];
  statuses: ValueStatus[];
  eventTimestamps: (bigint | null)[];
};

/** A store that failed, and the words to tell a user. */
export type FailedStore = { provider: string; failure: Failure };

export type ServedFeatures = { size: number; columns: ServedColumn[]; failed: FailedStore[] };

export const maxServedKeys = 10_000;

/** Features for rows of keys. */
export type ServingRequest = { features: readonly ResolvedFeature[]; keys: RoleKeys; size: number };

/** A view in a role of one request: what is read once, however many of its features are asked for. */
type WantedRows = {
  request: ServingRequest;
  role: string;
  view: ResourceOf<'FEATURE_VIEW'>;
  entity: ResourceOf<'ENTITY'>;
};

/** The rows of one view in one role; a failure in the place of those, or of all, that their store could not give. */
type FoundRows = readonly FoundRow[] | Failure;
type FoundRow = Uint8Array | Failure | undefined;

/** Rows by request, and there by role and view. */
type Found = Map<ServingRequest, Map<string, FoundRows>>;

/**
 * Looks up features for rows of keys, several requests together. Whatever the number of requests, rows, roles, views
 * and features, each online store is read once. A store that fails makes its own cells ERROR and leaves the others
 * standing.
 */
export async function serveFeatures(
  stores: StorePool,
  catalog: Catalog,
  requests: readonly ServingRequest[],
): Promise<ServedFeatures[]> {
  for (const { size } of requests) if (size > maxServedKeys) throw tooManyKeys(size);
  const found: Found = new Map(requests.map((request) => [request, new Map()]));
  const failed: FailedStore[] = [];
  const byStore = Map.groupBy(requests.flatMap(wantedRows), ({ view }) => view.definition.onlineStore ?? '');
  const reads = [...byStore].map(async ([provider, wanted]) => {
    try {
      const partial = await readStore(stores, catalog, provider, wanted, found);
      if (partial !== undefined) failed.push({ provider, failure: partial });
    } catch (error) {
      const failure = asFailure(error, provider);
      failed.push({ provider, failure });
      for (const { request, role, view } of wanted) found.get(request)?.set(rowsKey(role, view), failure);
    }
  });
  await Promise.all(reads);
  const now = BigInt(Date.now()) * 1_000n;
  return requests.map((request) => {
    const rows = found.get(request);
    const columns = request.features.map((feature) =>
      decodeColumn(feature, rows?.get(rowsKey(feature.role, feature.view)), request.size, now),
    );
    const own = new Set(request.features.map(({ view }) => view.definition.onlineStore));
    return { size: request.size, columns, failed: failed.filter(({ provider }) => own.has(provider)) };
  });
}

function wantedRows(request: ServingRequest): WantedRows[] {
  const wanted = request.features.map(
    ({ role, view, entity }) => [rowsKey(role, view), { request, role, view, entity }] as const,
  );
  return [...new Map(wanted).values()];
}

function rowsKey(role: string, view: ResourceOf<'FEATURE_VIEW'>): string {
  return `${role} ${view.id}`;
}

/**
 * Views of one role share their keys, so they share one read; rows whose key has a null are not read at all. Answers with
 * the failure, when the store could not give some of the rows.
 */
async function readStore(
  stores: StorePool,
  catalog: Catalog,
  provider: string,
  wanted: readonly WantedRows[],
  found: Found,
): Promise<Failure | undefined> {
  const definition = catalog.find('PROVIDER', provider)?.definition;
  if (definition === undefined) throw new Failure('INVALID_INPUT', 'A view without an online store can not be served.');
  const store = await stores.online(definition, provider);
  const groups = [...Map.groupBy(wanted, ({ request }) => request).values()].flatMap((own) => [
    ...Map.groupBy(own, ({ role, entity }) => `${role} ${entity.id}`).values(),
  ]);
  const encoded = groups.map(encodeKeys);
  const reads = groups.map(
    (group, at): RowRead => ({
      entity: group[0]?.entity.id ?? '',
      keys: encoded[at]?.present ?? [],
      views: group.map(({ view }) => view.id),
    }),
  );
  const answers = await store.read(reads);
  for (const [at, group] of groups.entries()) {
    for (const [column, { request, role, view }] of group.entries()) {
      const rows = (encoded[at]?.places ?? []).map((place) =>
        place < 0 ? undefined : (answers[at]?.failures?.get(place) ?? answers[at]?.rows[place]?.[column]),
      );
      found.get(request)?.set(rowsKey(role, view), rows);
    }
  }
  return answers.flatMap(({ failures }) => [...(failures?.values() ?? [])])[0];
}

/** Keys without nulls, and for each row the place of its key among them, −1 for none. */
function encodeKeys([first]: readonly WantedRows[]): { present: Uint8Array[]; places: number[] } {
  if (first === undefined) return { present: [], places: [] };
  const types = keyTypes(first.entity.definition);
  const present: Uint8Array[] = [];
  const places = (first.request.keys.get(first.role) ?? []).map((values) => {
    const key = entityKey(types, values);
    return key === undefined ? -1 : present.push(key) - 1;
  });
  return { present, places };
}

function decodeColumn(feature: ResolvedFeature, rows: FoundRows | undefined, size: number, now: bigint): ServedColumn {
  const { layout, ttl } = viewRows(feature.view);
  const column: ServedColumn = { feature, values: [], statuses: [], eventTimestamps: [] };
  const push = (status: ValueStatus, value: Value, timestamp: bigint | null) => {
    column.statuses.push(status);
    column.values.push(value);
    column.eventTimestamps.push(timestamp);
  };
  for (let at = 0; at < size; at++) {
    const row = rows instanceof Failure ? undefined : rows?.[at];
    if (rows === undefined || rows instanceof Failure || row instanceof Failure) push('ERROR', null, null);
    else if (row === undefined) push('NOT_FOUND', null, null);
    else push(...decodeCell(row, layout, feature.position, ttl === undefined ? undefined : now - ttl));
  }
  return column;
}

/** `oldest` is the earliest event time that still counts. A row that can't be read is an ERROR of its own cell only. */
function decodeCell(
  row: Uint8Array,
  layout: RowLayout,
  position: number,
  oldest: bigint | undefined,
): [ValueStatus, Value, bigint | null] {
  try {
    const value = unpackValue(layout, row, position);
    const { eventTimestamp } = rowTimestamps(row);
    if (value === undefined) return ['NOT_FOUND', null, null];
    if (oldest !== undefined && eventTimestamp !== null && eventTimestamp < oldest) {
      return ['OUTSIDE_TTL', null, eventTimestamp];
    }
    return [value === null ? 'NULL_VALUE' : 'PRESENT', value, eventTimestamp];
  } catch {
    return ['ERROR', null, null];
  }
}

function tooManyKeys(size: number): Failure {
  const issue = {
    path: 'keys',
    message: `has ${size} rows of keys`,
    fix: `Ask for ${maxServedKeys} at most, in several requests.`,
  };
  return new Failure('LIMIT_EXCEEDED', `A request can ask for ${maxServedKeys} rows of keys at most.`, {
    issues: [issue],
  });
}

/** What a user may read of it: a defect's own words stay in our log. */
function asFailure(error: unknown, provider: string): Failure {
  if (error instanceof Failure) return error;
  return new Failure('INTERNAL', `Reading from ${provider} failed.`, { cause: error });
}
