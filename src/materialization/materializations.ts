import type { Database } from '../state/database.ts';
import type { MaterializationRow } from '../state/tables.ts';
import type { MaterializedRows, TimeRange } from './materialized-rows.ts';

/** One finished materialization of a view. Times are microseconds since 1970 UTC. */
export type Materialization = Omit<MaterializationRow, 'fromTimestamp' | 'toTimestamp' | 'watermark'> & {
  fromTimestamp: bigint | null;
  toTimestamp: bigint | null;
  /** The greatest event time among the rows. */
  watermark: bigint | null;
};

export async function recordMaterialization(
  database: Database,
  viewId: string,
  jobId: string,
  range: TimeRange,
  { rows, watermark }: MaterializedRows,
): Promise<void> {
  await database.kysely
    .insertInto('materialization')
    .values({ resourceId: viewId, jobId, fromTimestamp: range.from ?? null, toTimestamp: range.to, rows, watermark })
    .execute();
}

/** A view's materializations, the newest first. */
export async function materializationsOf(
  database: Database,
  viewId: string,
  limit: number,
): Promise<Materialization[]> {
  const rows = await database.kysely
    .selectFrom('materialization')
    .selectAll()
    .where('resourceId', '=', viewId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...row,
    fromTimestamp: exact(row.fromTimestamp),
    toTimestamp: exact(row.toTimestamp),
    watermark: exact(row.watermark),
  }));
}

function exact(value: number | bigint | null): bigint | null {
  return value === null ? null : BigInt(value);
}
