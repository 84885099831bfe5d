import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { FilesRelation } from '../../providers/contract/relation.ts';
import { openDuckdbProcessStore } from '../../providers/duckdb/process/duckdb-process-store.ts';
import { quoteIdentifier } from '../../providers/sql/quoting.ts';
import { type Counted, columnsToCount, type Guess, guessedRoles, type Said, typedColumns } from './guessed-columns.ts';
import { formatOf } from './proposed-definitions.ts';

/** How many rows tell whether a column has another value in each. */
const looked = 100_000;

/** What the columns of a file are there for: their types are those that a server finds, by the same reading. */
export async function rolesIn(directory: string, file: string, said: Said): Promise<Guess> {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-init-'));
  try {
    const store = await openDuckdbProcessStore({
      database: join(home, 'data.duckdb'),
      dataRoots: [resolve(directory)],
      runsDirectory: join(home, 'runs'),
    });
    try {
      const files = await store.decideFiles({ kind: 'FILES', format: formatOf(file), paths: [file] });
      const columns = typedColumns(files.columns ?? []);
      return guessedRoles(file, columns, await counted(store, files, columnsToCount(columns, said)), said);
    } finally {
      await store.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function counted(store: OfflineStore, rows: FilesRelation, names: readonly string[]): Promise<Counted> {
  if (names.length === 0) return { rows: 0, different: new Map() };
  const counts = names.map((name, at) => `count(distinct ${quoteIdentifier(name)}) as c${at}`);
  const sql = `select count(*) as many, ${counts.join(', ')} from (select * from {{ rows }} limit ${looked}) as looked`;
  const {
    rows: [row = []],
  } = await store.preview({ kind: 'QUERY', sql, inputs: { rows } }, 1);
  const [many, ...different] = row.map(Number);
  return { rows: many ?? 0, different: new Map(names.map((name, at) => [name, different[at] ?? 0])) };
}
