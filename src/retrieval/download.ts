import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
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
export function downloadRun(store: OfflineStore, run: Run, format: DownloadFormat, signal: AbortSignal): Readable {
  if (format === 'PARQUET') {
    const file = store.runFile(run.id);
    if (file === undefined)
      throw new Failure('UNSUPPORTED', 'This store keeps no Parquet file of its runs. Ask for ARROW.');
    return createReadStream(file, { signal });
  }
  const write = { ARROW: arrowStream, CSV: csvRows, JSONL: jsonLines }[format];
  return Readable.from(write(run.columns, store.streamRun(run.id, signal)), { signal, objectMode: false });
}
