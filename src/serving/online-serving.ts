import { weightOf } from '../../providers/contract/batch-weight.ts';
import { Failure } from '../../providers/contract/failure.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import type { AskedFeature, ResolvedFeature } from '../registry/selection.ts';
import { isTurnDue, spendSteps, spendWeight, turn } from '../turns.ts';
import type { WaitingForValues } from '../values/value-cells.ts';
import { hasWindows } from '../windows/view-windows.ts';
import type { FailedStore, FoundRow, ReadRows } from './row-reading.ts';
import {
  oldestServed,
  requireHeldAt,
  requireKeptSince,
  type StoredValue,
  storedRow,
  storedValue,
  type ValueStatus,
} from './stored-value.ts';
import { entityKey, keyTypes, viewRows } from './view-rows.ts';
import { windowColumns } from './window-reading.ts';

/** The keys of one role: for each row the values of the entity's join keys, in their order. */
export type RoleKeys = ReadonlyMap<string, readonly (readonly (Scalar | null)[])[]>;

/** One feature for all rows asked for. Timestamps are microseconds since 1970 UTC. */
export type ServedColumn = {
  feature: AskedFeature;
  values: Value[];
  statuses: ValueStatus[];
  eventTimestamps: (bigint | null)[];
};

export type ServedFeatures = { size: number; columns: ServedColumn[]; failed: FailedStore[] };

export const maxServedKeys = 10_000;

/** Features for rows of keys, as of an instant (microseconds since 1970 UTC): now when it is left out. */
export type ServingRequest = {
  features: readonly ResolvedFeature[];
  keys: RoleKeys;
  size: number;
  at?: bigint;
  waiting?: WaitingForValues;
};

type AskedColumn = ServedColumn & { feature: ResolvedFeature };

/** The rows of one view in one role, one a row of keys; null where the key has a null, which is no entity's. */
type FoundRows = readonly (FoundRow | null)[];

/**
 * Looks up features for rows of keys. Reads all that it needs at once, so that what `read` gathers leaves together. A
 * store that fails makes its own cells ERROR and leaves the others standing.
 */
export async function serveFeatures(read: ReadRows, request: ServingRequest): Promise<ServedFeatures> {
  const { features, size } = request;
  if (size > maxServedKeys) throw tooManyKeys(size);
  const found = new Map<string, FoundRows>();
  const failed = new Map<string, FailedStore>();
  const byRole = Map.groupBy(features, ({ role, entity }) => `${role} ${entity.id}`);
  await Promise.all(
    [...byRole.values()].map(async (group) => {
      for (const one of await readRole(read, request, group, found)) failed.set(one.provider, one);
    }),
  );
  const now = BigInt(Date.now()) * 1_000n;
  const windows = await windowsOfRequest(request, found, now);
  const columns = features.map((feature): AskedColumn => ({ feature, values: [], statuses: [], eventTimestamps: [] }));
  for (const [key, asked] of Map.groupBy(columns, ({ feature }) => rowsKey(feature))) {
    const computed = windows.get(key);
    const [first] = asked;
    if (computed !== undefined) for (const column of asked) fillFromWindows(column, computed);
    else if (first !== undefined) {
      await decodeRows(asked, found.get(key) ?? [], request, rowReader(first.feature.view, now, request.at));
    }
  }
  return { size, columns, failed: [...failed.values()] };
}

/** Views of one role share their keys, so they share one read; rows whose key has a null are not read at all. */
async function readRole(
  read: ReadRows,
  request: ServingRequest,
  group: readonly ResolvedFeature[],
  found: Map<string, FoundRows>,
): Promise<FailedStore[]> {
  const [first] = group;
  if (first === undefined) return [];
  const types = keyTypes(first.entity.definition);
  const keys: Uint8Array[] = [];
  const places = (request.keys.get(first.role) ?? []).map((values) => {
    const key = entityKey(types, values);
    return key === undefined ? -1 : keys.push(key) - 1;
  });
  const byView = new Map(group.map((feature) => [feature.view.id, feature]));
  const views = [...byView.values()].map(({ view }) => view);
  const { rows, failed } = await read({ entity: first.entity, views, keys });
  for (const [column, feature] of [...byView.values()].entries()) {
    found.set(
      rowsKey(feature),
      places.map((place) => (place < 0 ? null : rows[place]?.[column])),
    );
  }
  return failed;
}

function rowsKey({ role, view }: ResolvedFeature): string {
  return `${role} ${view.id}`;
}

/** Features over windows of one view and role are computed together, row by row. */
async function windowsOfRequest(
  { features, at, waiting }: ServingRequest,
  found: ReadonlyMap<string, FoundRows>,
  now: bigint,
): Promise<Map<string, ReadonlyMap<number, StoredValue>[]>> {
  const ofWindows = features.filter(({ view }) => hasWindows(view.definition));
  const computed = new Map<string, ReadonlyMap<number, StoredValue>[]>();
  for (const [key, group] of Map.groupBy(ofWindows, rowsKey)) {
    const positions = [...new Set(group.map(({ position }) => position))];
    const view = group[0]?.view as ResolvedFeature['view'];
    computed.set(key, await windowColumns(view, positions, found.get(key) ?? [], { now, at, waiting }));
  }
  return computed;
}

function fillFromWindows(column: AskedColumn, rows: readonly ReadonlyMap<number, StoredValue>[]): void {
  for (const row of rows) pushValue(column, row.get(column.feature.position) ?? ['NOT_FOUND', null, null]);
}

function pushValue(column: ServedColumn, [status, value, timestamp]: StoredValue): void {
  column.statuses.push(status);
  column.values.push(value);
  column.eventTimestamps.push(timestamp);
}

/** What it takes to decode a short value. */
const stepsOfValue = 5;

/** Fills the columns of one view row by row, so that each row is looked into once; in turns where that takes long. */
async function decodeRows(
  columns: readonly AskedColumn[],
  rows: FoundRows,
  { size, waiting }: ServingRequest,
  valuesOf: (row: FoundRow | null) => ValueAt,
): Promise<void> {
  const asked = columns.map((column) => ({ column, isLong: mayBeLong(column.feature) }));
  for (let at = 0; at < size; at++) {
    const valueAt = valuesOf(rows[at]);
    spendSteps(stepsOfValue * asked.length);
    for (const { column, isLong } of asked) {
      if (isTurnDue()) await turn(waiting);
      const value = valueAt(column.feature.position);
      pushValue(column, value);
      if (isLong) spendWeight(weightOf(value[1]));
    }
  }
}

function mayBeLong({ view, position }: ResolvedFeature): boolean {
  const type = viewRows(view).types[position];
  return type?.kind !== 'SCALAR' || type.name === 'STRING' || type.name === 'BYTES';
}

/** What is served of one row, by the position of the feature. */
type ValueAt = (position: number) => StoredValue;

const ofFailed: ValueAt = () => ['ERROR', null, null];
const ofNone: ValueAt = () => ['NOT_FOUND', null, null];

function rowReader(view: ResolvedFeature['view'], now: bigint, instant: bigint | undefined) {
  const { layout, ttl } = viewRows(view);
  const oldest = oldestServed(ttl, instant ?? now);
  return (row: FoundRow | null): ValueAt => {
    if (row instanceof Failure) return ofFailed;
    if (row === undefined || row === null) {
      if (instant !== undefined && row === undefined) requireKeptSince(view, instant, now);
      return ofNone;
    }
    if (instant !== undefined) requireHeldAt(view, row, instant);
    const whole = storedRow(row, oldest);
    return (position) => storedValue(row, layout, position, whole);
  };
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
