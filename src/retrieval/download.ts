import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { arrowStream } from './formats/arrow-format.ts';
import { csvRows, jsonLines } from './formats/text-formats.ts';
import type { Run } from './runs.ts';

export const downloadFormats = {
  PARQUET: { contentType: 'application/vnd.apache.parquet', extension: 'parquet' },
  ARROW: { contentType: 'application/vnd.apache.arrow.stream', extension: 'arrows' },
  CSV: { contentType: 'text/csv; charset=utf-8', extension: 'csv' },
  JSONL: { contentType: 'application/jsonl; charset=utf-8', extension: 'jsonl' },
} as const;

export type DownloadFormat = keyof typeof downloadFormats;

export function isDownloadFormat(text: string): text is DownloadFormat {
  return Object.hasOwn(downloadFormats, text);
}

/** All rows of a run, as they are read: nothing is held but a batch. Ends early when `signal` aborts. */
export async function downloadRun(
  stores: StorePool,
  store: OfflineStore,
  run: Run,
  format: DownloadFormat,
  signal: AbortSignal,
): Promise<Readable> {
  if (format === 'PARQUET') return parquetOf(stores, store, run, signal);
  const write = { ARROW: arrowStream, CSV: csvRows, JSONL: jsonLines }[format];
  return Readable.from(write(run.columns, store.streamRun(run.id, signal)), { signal, objectMode: false });
}

/** The file that the store keeps, or one that is written for this download and goes with it. */
async function parquetOf(stores: StorePool, store: OfflineStore, run: Run, signal: AbortSignal): Promise<Readable> {
  const kept = store.runFile(run.id);
  if (kept !== undefined) return createReadStream(kept, { signal });
  const scratch = await stores.scratch();
  const copy = `${run.id} ${crypto.randomUUID()}`;
  const columns = run.columns.map(({ name }) => ({ column: name, as: name }));
  const batches = () => store.streamRun(run.id, signal);
  const spine = { relation: { kind: 'BATCHES' as const, columns: run.columns, batches }, columns };
  await scratch.retrieve({ spine, joins: [] }, copy, { signal, progress: () => {} });
  const stream = createReadStream(scratch.runFile(copy) ?? '', { signal });
  stream.once('close', () => void scratch.dropRun(copy));
  return stream;
}
