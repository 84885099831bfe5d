import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { OfflineStore, RunFilter } from '../../providers/contract/offline-store.ts';
import type { ColumnBatch } from '../../providers/contract/table.ts';
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

/** Where a run is downloaded from, below the server: written in one way alone, for a ticket is for just one address. */
export function downloadAddress(run: string, format: string, split?: string): string {
  const address = `/runs/${run}?format=${format}`;
  return split === undefined ? address : `${address}&split=${split}`;
}

/** A run as a file. `bytes` is its length, where that is known before it is written. */
export type Download = { stream: Readable; bytes?: number };

/** The file that a store keeps of the whole of a run, where it keeps one in this format. It never changes. */
export function storedFile(
  store: OfflineStore,
  run: Run,
  format: DownloadFormat,
  filter?: RunFilter,
): string | undefined {
  return format === 'PARQUET' && filter === undefined ? store.runFile(run.id) : undefined;
}

/**
 * All rows of a run, as they are read: nothing is held but a batch. Ends early when `signal` aborts. Rejects where not even
 * the first rows can be read; what fails later ends the stream with its failure. What `storedFile` has needs none of this.
 */
export async function downloadRun(
  stores: StorePool,
  store: OfflineStore,
  run: Run,
  format: DownloadFormat,
  signal: AbortSignal,
  filter?: RunFilter,
): Promise<Download> {
  if (format === 'PARQUET') return parquetOf(stores, store, run, signal, filter);
  const write = { ARROW: arrowStream, CSV: csvRows, JSONL: jsonLines }[format];
  const batches = await begun(store.streamRun(run.id, signal, filter));
  return { stream: Readable.from(write(run.columns, batches), { signal, objectMode: false }) };
}

/** The same batches, the first of which has been read. */
async function begun(batches: AsyncIterable<ColumnBatch>): Promise<AsyncIterable<ColumnBatch>> {
  const iterator = batches[Symbol.asyncIterator]();
  let first: IteratorResult<ColumnBatch> | undefined = await iterator.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const next = first ?? (await iterator.next());
        first = undefined;
        return next;
      },
      return: async () => (await iterator.return?.()) ?? { value: undefined, done: true },
    }),
  };
}

/** A file that is written for this download and goes with it. */
async function parquetOf(
  stores: StorePool,
  store: OfflineStore,
  run: Run,
  signal: AbortSignal,
  filter?: RunFilter,
): Promise<Download> {
  const scratch = await stores.scratch();
  const copy = `${run.id} ${crypto.randomUUID()}`;
  const columns = run.columns.map(({ name }) => ({ column: name, as: name }));
  const batches = () => store.streamRun(run.id, signal, filter);
  const spine = { relation: { kind: 'BATCHES' as const, columns: run.columns, batches }, columns };
  await scratch.retrieve({ spine, joins: [] }, copy, { signal, progress: () => {} });
  const file = await fileAt(scratch.runFile(copy) ?? '', signal);
  file.stream.once('close', () => void scratch.dropRun(copy));
  return file;
}

async function fileAt(path: string, signal: AbortSignal): Promise<Download> {
  const { size } = await stat(path);
  return { stream: createReadStream(path, { signal }), bytes: size };
}
