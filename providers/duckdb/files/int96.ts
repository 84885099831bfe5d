import zlib from 'node:zlib';
import { quoteText } from '../../sql/quoting.ts';
import type { DataFile } from './data-files.ts';
import type { FileTools } from './file-reading.ts';
import type { Misfit } from './misfit.ts';
import { zstandard } from './zstandard.ts';

/**
 * The columns of a Parquet file that hold instants finer than a microsecond in the deprecated INT96, of which the engine
 * drops the rest in silence; each with the first such value. The file is read by another reader, once.
 */
export async function finerThanMicroseconds(file: DataFile, tools: FileTools): Promise<Map<string, Misfit>> {
  const columns = await int96Columns(file, tools);
  const found = new Map<string, Misfit>();
  if (columns.length === 0) return found;
  const { asyncBufferFromFile, parquetRead } = await import('hyparquet');
  const { DEFAULT_PARSERS } = await import('hyparquet/src/convert.js');
  await parquetRead({
    file: await asyncBufferFromFile(file.path),
    columns,
    compressors,
    parsers: { ...DEFAULT_PARSERS, timestampFromNanoseconds: (nanoseconds) => nanoseconds },
    onChunk: ({ columnName, columnData, rowStart }) => {
      const at = Array.from(columnData).findIndex(isFiner);
      if (at < 0 || found.has(columnName)) return;
      const message = 'the instant is finer than a microsecond, which no type holds';
      const fix = 'Write it as TIMESTAMP in microseconds, or its nanoseconds as INT64.';
      found.set(columnName, { file: file.name, row: rowStart + at + 1, column: columnName, message, fix });
    },
  });
  return found;
}

function isFiner(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isFiner) : typeof value === 'bigint' && value % 1_000n !== 0n;
}

/** Snappy is the reader's own. */
const compressors = {
  GZIP: (input: Uint8Array) => new Uint8Array(zlib.gunzipSync(input)),
  ZSTD: (input: Uint8Array) => new Uint8Array(zstandard().zstdDecompressSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(zlib.brotliDecompressSync(input)),
};

/** The schema lists what is nested after what it is in: a column is what stands at the top. */
async function int96Columns(file: DataFile, { session, watch }: FileTools): Promise<string[]> {
  const rows = await session.run(`SELECT name, type, num_children FROM parquet_schema(${quoteText(file.path)})`, watch);
  const columns = new Set<string>();
  let [column, open] = ['', 0];
  for (const [name, type, children] of rows.slice(1)) {
    if (open === 0) [column, open] = [String(name), 1];
    open += Number(children ?? 0) - 1;
    if (type === 'INT96') columns.add(column);
  }
  return [...columns];
}
