import { Failure } from '../../providers/contract/failure.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import { onlineStoreOf } from '../registry/online-store.ts';
import { maxServedKeys } from '../serving/online-serving.ts';
import type { FoundRow, ReadRows } from '../serving/row-reading.ts';
import {
  oldestServed,
  requireHeldAt,
  requireKeptSince,
  storedRow,
  storedValue,
  type ValueStatus,
  valueOfPresent,
} from '../serving/stored-value.ts';
import { keyText } from '../serving/value-change.ts';
import { entityKey, keyTypes, viewRows } from '../serving/view-rows.ts';
import {
  countedWindows,
  type KeyWindows,
  keyWindows,
  preparedTiles,
  servedWindows,
} from '../serving/window-reading.ts';
import type { Waiting } from '../turns.ts';
import { newestEvent } from '../windows/key-tiles.ts';
import { hasWindows } from '../windows/view-windows.ts';
import type { EntityType, ViewVariant } from './entity-types.ts';

/** An entity that was asked for. `rows` has those of its views that were read with it, by the view's id. */
export type EntityNode = {
  type: EntityType;
  key: readonly Scalar[];
  encoded: Uint8Array;
  rows: Map<string, FoundRow>;
  /** As of which instant; now when it is left out. */
  at?: bigint;
};

/** What a row is read by: a variant of a view's type, or a view that something is computed of. */
type RowView = Pick<ViewVariant, 'view'>;

/** A row of a view as it is served. Times are microseconds since 1970 UTC. */
export type ServedRow<V extends RowView = ViewVariant> = {
  variant: V;
  /** What the row as a whole is; never NULL_VALUE. */
  status: ValueStatus;
  /** As it is stored; undefined where there is none. */
  row: Uint8Array | undefined;
  eventTimestamp: bigint | null;
  /** Of a view of windows, what its features are computed from. */
  windows?: KeyWindows;
};

/** Entities without any rows, in the order of their keys; one for each key, however often it is given. */
export function entityNodes(type: EntityType, keys: readonly (readonly Scalar[])[]): EntityNode[] {
  if (keys.length > maxServedKeys) throw tooManyKeys(keys.length);
  const types = keyTypes(type.entity.definition);
  const distinct = new Map<string, EntityNode>();
  return keys.map((key) => {
    const encoded = entityKey(types, key) ?? new Uint8Array();
    const name = keyText(encoded);
    const node = distinct.get(name) ?? { type, key, encoded, rows: new Map() };
    distinct.set(name, node);
    return node;
  });
}

/**
 * Entities by their keys, in the order asked, with the rows of all wanted views: one read for each variant of the entity
 * under which rows are kept, of each key once. Fails with LIMIT_EXCEEDED beyond `maxServedKeys`.
 */
export async function readEntities(
  read: ReadRows,
  type: EntityType,
  keys: readonly (readonly Scalar[])[],
  wanted: readonly ViewVariant[],
): Promise<EntityNode[]> {
  const nodes = entityNodes(type, keys);
  const asked = [...new Set(nodes)];
  await Promise.all(
    [...Map.groupBy(wanted, ({ entity }) => entity).entries()].map(async ([entity, variants]) => {
      const views = variants.map(({ view }) => view);
      const answer = await read({ entity, views, keys: asked.map(({ encoded }) => encoded) });
      for (const [at, { rows }] of asked.entries()) {
        for (const [column, { id }] of views.entries()) rows.set(id, answer.rows[at]?.[column]);
      }
    }),
  );
  return nodes;
}

/** Fails as the row's store did. The values of a row beyond its view's TTL, counted to `now`, are withheld. */
export function servedRow<V extends RowView>(variant: V, found: FoundRow, now: bigint, at?: bigint): ServedRow<V> {
  if (found instanceof Failure) {
    const provider = onlineStoreOf(variant.view.definition);
    throw new Failure(found.code, found.message, { cause: found, ...(provider !== undefined && { provider }) });
  }
  if (hasWindows(variant.view.definition)) return windowRow(variant, found, now, at);
  if (at !== undefined) {
    if (found === undefined) requireKeptSince(variant.view, at, now);
    else requireHeldAt(variant.view, found, at);
  }
  const oldest = oldestServed(viewRows(variant.view).ttl, at ?? now);
  const whole =
    found === undefined ? ({ status: 'NOT_FOUND', eventTimestamp: null } as const) : storedRow(found, oldest);
  return { variant, row: found, ...whole };
}

function windowRow<V extends RowView>(variant: V, row: Uint8Array | undefined, now: bigint, at?: bigint): ServedRow<V> {
  const windows = keyWindows(variant.view, row, now, at);
  const base = { variant, row, eventTimestamp: null };
  if (windows === undefined) return { ...base, status: 'ERROR' };
  const newest = newestEvent(windows.tiles, windows.instant);
  const eventTimestamp = newest === undefined ? null : BigInt(newest);
  return { ...base, eventTimestamp, windows, status: row === undefined ? 'NOT_FOUND' : 'PRESENT' };
}

/** Does in turns what takes long of reading a view's row, before `servedRow`; undefined where that is little. */
export function preparedRow({ view }: RowView, found: FoundRow, waiting?: Waiting): Promise<void> | undefined {
  return hasWindows(view.definition) ? preparedTiles(view, found, waiting) : undefined;
}

/** Does in turns what takes long of reading some features; undefined where that is little. Fails as the signal says. */
export function preparedValues(
  { variant, windows }: ServedRow<RowView>,
  positions: readonly number[],
  waiting?: Waiting,
): Promise<void> | undefined {
  return windows === undefined ? undefined : countedWindows(variant.view, windows, positions, waiting);
}

/** Reads one feature of a row and touches no other. */
export function servedValue(served: ServedRow<RowView>, position: number): { value: Value; status: ValueStatus } {
  const { variant, row, windows } = served;
  if (windows !== undefined) {
    const [status = 'ERROR', value = null] = servedWindows(variant.view, windows, [position]).get(position) ?? [];
    return { value, status };
  }
  if (served.status === 'ERROR') return { value: null, status: 'ERROR' };
  if (row === undefined) return { value: null, status: 'NOT_FOUND' };
  const [status, value] = storedValue(row, viewRows(variant.view).layout, position, served);
  return { value, status };
}

/** The value alone of a feature of a row without windows: null where none is PRESENT. */
export function presentValue({ variant, row, status }: ServedRow<RowView>, position: number): Value {
  if (row === undefined || status !== 'PRESENT') return null;
  return valueOfPresent(row, viewRows(variant.view).layout, position);
}

function tooManyKeys(count: number): Failure {
  const issue = { path: 'keys', message: `has ${count} keys`, fix: `Give ${maxServedKeys} at most.` };
  return new Failure('LIMIT_EXCEEDED', `A list has ${maxServedKeys} entities at most.`, { issues: [issue] });
}
