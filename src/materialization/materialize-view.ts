import { Failure } from '../../providers/contract/failure.ts';
import type { RunContext } from '../../providers/contract/offline-store.ts';
import type { ColumnBatch } from '../../providers/contract/table.ts';
import type { Scalar, Value, ValueType } from '../../providers/contract/value-type.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { relationOf } from '../registry/source-relations.ts';
import { providerOfView, sourceOfView, viewColumns } from '../retrieval/point-in-time-planning.ts';
import { viewRows } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { hasWindows } from '../windows/view-windows.ts';
import { materializeWindows } from './materialize-windows.ts';
import type { MaterializedRows, TimeRange } from './materialized-rows.ts';
import { type ViewRow, ViewWriter } from './view-writer.ts';

/**
 * Writes the newest row of each key up to `range.to` to where the view is served from, in bounded batches. Rows that
 * have a newer one there already stay away, so runs may overlap, repeat, and meet pushes. Without `range.from` it writes
 * all vectors of the view, and searches never see some new and some old, where the vector store offers that.
 */
export async function materializeView(
  stores: StorePool,
  catalog: Catalog,
  view: ResourceOf<'FEATURE_VIEW'>,
  range: TimeRange,
  context: RunContext,
): Promise<MaterializedRows> {
  if (hasWindows(view.definition)) return materializeWindows(stores, catalog, view, range, context);
  const provider = providerOfView(catalog, view);
  const offline = await stores.offline(provider.definition, provider.ref);
  const writer = await ViewWriter.open(stores, catalog, view);
  const { keys, values, entity: _, ...times } = viewColumns(catalog, view);
  const plan = {
    relation: relationOf(catalog, sourceOfView(catalog, view)),
    keys: keys.map((key) => key.column),
    columns: values,
    ...times,
    ...(times.eventTimestamp !== undefined && range),
  };
  const { signal } = context;
  const writeAll = () => writeBatches(writer, view, offline.latest(plan, { signal, progress: () => {} }), context);
  if (range.from !== undefined) return writeAll();
  requireGoingOn(view, signal);
  return writer.vectorsInOneStep(signal, writeAll);
}

async function writeBatches(
  writer: ViewWriter,
  view: ResourceOf<'FEATURE_VIEW'>,
  batches: AsyncIterable<ColumnBatch>,
  context: RunContext,
): Promise<MaterializedRows> {
  const total: MaterializedRows = { rows: 0, written: 0, stale: 0, watermark: null, late: [] };
  const { types } = viewRows(view);
  for await (const batch of batches) {
    const rows = rowsOf(batch, types);
    const { written, stale } = await writer.write(rows);
    requireGoingOn(view, context.signal);
    total.rows += batch.size;
    total.written += written;
    total.stale += stale;
    total.watermark = latestOf(rows, total.watermark);
    context.progress(total.rows);
  }
  return total;
}

function requireGoingOn(view: ResourceOf<'FEATURE_VIEW'>, signal: AbortSignal): void {
  if (signal.aborted) throw new Failure('CANCELLED', `The materialization of ${view.ref} was cancelled.`);
}

/** Batches hold keys, event time, created time, then values; a vector comes as an array of its components. */
function rowsOf({ size, columns }: ColumnBatch, types: readonly ValueType[]): ViewRow[] {
  const keys = columns.length - types.length - 2;
  return Array.from({ length: size }, (_, row) => ({
    key: columns.slice(0, keys).map((column) => column[row] as Scalar | null),
    eventTimestamp: (columns[keys]?.[row] ?? null) as bigint | null,
    createdTimestamp: (columns[keys + 1]?.[row] ?? null) as bigint | null,
    values: types.map((type, at) => asTyped(type, columns[keys + 2 + at]?.[row] ?? null)),
  }));
}

function asTyped(type: ValueType, value: Value): Value {
  if (type.kind !== 'VECTOR' || value === null || value instanceof Float32Array) return value;
  const components = value as readonly (number | null)[];
  if (components.length !== type.dimensions || components.some((one) => one === null || !Number.isFinite(one))) {
    throw new Failure(
      'SCHEMA_MISMATCH',
      `A vector has ${components.length} components, or one that is no finite number, where ${type.dimensions} finite ones are declared.`,
    );
  }
  return Float32Array.from(components as number[]);
}

function latestOf(rows: readonly ViewRow[], watermark: bigint | null): bigint | null {
  let latest = watermark;
  for (const { eventTimestamp } of rows) {
    if (eventTimestamp !== null && (latest === null || eventTimestamp > latest)) latest = eventTimestamp;
  }
  return latest;
}
