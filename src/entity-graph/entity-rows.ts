import { Failure } from '../../providers/contract/failure.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import { onlineStoreOf } from '../registry/online-store.ts';
import { maxServedKeys } from '../serving/online-serving.ts';
import type { FoundRow, ReadRows } from '../serving/row-reading.ts';
import { oldestServed, storedRow, storedValue, type ValueStatus } from '../serving/stored-value.ts';
import { keyText } from '../serving/value-change.ts';
import { entityKey, keyTypes, viewRows } from '../serving/view-rows.ts';
import type { EntityType, ViewVariant } from './entity-types.ts';

/** An entity that was asked for. `rows` has those of its views that were read with it, by the view's id. */
export type EntityNode = {
  type: EntityType;
  key: readonly Scalar[];
  encoded: Uint8Array;
  rows: Map<string, FoundRow>;
};

/** A row of a view as it is served. Times are microseconds since 1970 UTC. */
export type ServedRow = {
  variant: ViewVariant;
  /** What the row as a whole is; never NULL_VALUE. */
  status: ValueStatus;
  /** As it is stored; undefined where there is none. */
  row: Uint8Array | undefined;
  eventTimestamp: bigint | null;
  /** The earliest event time that is served. */
  oldest: bigint | undefined;
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
export function servedRow(variant: ViewVariant, found: FoundRow, now: bigint): ServedRow {
  if (found instanceof Failure) {
    const provider = onlineStoreOf(variant.view.definition);
    throw new Failure(found.code, found.message, { cause: found, ...(provider !== undefined && { provider }) });
  }
  const oldest = oldestServed(viewRows(variant.view).ttl, now);
  const [status, eventTimestamp] = found === undefined ? (['NOT_FOUND', null] as const) : storedRow(found, oldest);
  return { variant, status, row: found, eventTimestamp, oldest };
}

/** Reads one feature of a row and touches no other. */
export function servedValue(
  { variant, row, oldest }: ServedRow,
  position: number,
): { value: Value; status: ValueStatus } {
  if (row === undefined) return { value: null, status: 'NOT_FOUND' };
  const [status, value] = storedValue(row, viewRows(variant.view).layout, position, oldest);
  return { value, status };
}

function tooManyKeys(count: number): Failure {
  const issue = { path: 'keys', message: `has ${count} keys`, fix: `Give ${maxServedKeys} at most.` };
  return new Failure('LIMIT_EXCEEDED', `A list has ${maxServedKeys} entities at most.`, { issues: [issue] });
}
