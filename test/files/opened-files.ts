import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { CsvFormat, FileFormat, FilesRelation } from '../../providers/contract/relation.ts';
import { formatValueType, parseValueType, type Value } from '../../providers/contract/value-type.ts';
import { openDuckdbOfflineStore } from '../../providers/duckdb/duckdb-offline-store.ts';

/** What an author says of files, types as they are written. */
export type Declaration = {
  format?: FileFormat;
  columns?: { name: string; type?: string; format?: string }[];
  csv?: Partial<CsvFormat>;
  hivePartitions?: boolean;
};

/** A DuckDB store, and a directory of its own in which it reads files. */
export class OpenedFiles {
  readonly store: OfflineStore;
  readonly data: string;
  readonly #home: string;

  private constructor(store: OfflineStore, home: string) {
    this.store = store;
    this.#home = home;
    this.data = join(home, 'data');
  }

  static async open(options: { guessLimit?: number } = {}): Promise<OpenedFiles> {
    const home = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    await mkdir(join(home, 'data'));
    const dataRoots = [join(home, 'data')];
    const places = { database: ':memory:', dataRoots, runsDirectory: join(home, 'runs') };
    return new OpenedFiles(await openDuckdbOfflineStore({ ...places, ...options }), home);
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.#home, { recursive: true });
  }

  async write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.data, name)), { recursive: true });
      await writeFile(join(this.data, name), content);
    }
  }

  decide(paths: string[], { format = 'CSV', columns, ...declared }: Declaration = {}): Promise<FilesRelation> {
    const typed = columns?.map(({ type, ...column }) => {
      const parsed = type === undefined ? undefined : parseValueType(type);
      return { ...column, ...(parsed && { type: parsed }) };
    });
    return this.store.decideFiles({ kind: 'FILES', format, paths, ...declared, ...(typed && { columns: typed }) });
  }

  async rows(files: FilesRelation): Promise<Value[][]> {
    return (await this.store.preview(files, 100_000)).rows;
  }
}

/** Columns as `name TYPE`. */
export function columnsOf({ columns = [] }: FilesRelation): string[] {
  return columns.map(
    ({ name, type, engineType }) => `${name} ${type === undefined ? engineType : formatValueType(type)}`,
  );
}

/** That the columns `c0`, `c1` and so on have these types and, in the first of the rows, these values. */
export async function assertColumns(
  files: OpenedFiles,
  decided: FilesRelation,
  columns: readonly { what: string; type: string; values: readonly unknown[] }[],
): Promise<void> {
  assert.deepEqual(
    columnsOf(decided),
    columns.map(({ type }, at) => `c${at} ${type}`),
  );
  const rows = await files.rows(decided);
  for (const [at, { what, values }] of columns.entries()) {
    const read = rows.slice(0, values.length).map((row) => row[at]);
    assert.deepEqual(read, values, what);
  }
}
