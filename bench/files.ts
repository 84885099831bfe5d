import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { FilesRelation } from '../providers/contract/relation.ts';
import { openDuckdbOfflineStore } from '../providers/duckdb/duckdb-offline-store.ts';

/**
 * A CSV of 2,000,000 rows × 7 columns stored as a table: by the engine alone, which guesses as it reads, and by the store,
 * held to what was decided. The first reading looks at the file whole; later ones know it. Ratios are to the engine alone,
 * medians of turns taken in one process.
 */
const rows = 2_000_000;
const turns = 5;

const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
const path = join(home, 'trips.csv');
await writeTrips();

const instance = await DuckDBInstance.create(':memory:');
const engine = await instance.connect();
const open = () =>
  openDuckdbOfflineStore({ database: ':memory:', dataRoots: [home], runsDirectory: join(home, 'runs') });
const deciding = await open();
const files: FilesRelation = { kind: 'FILES', format: 'CSV', paths: ['trips.csv'] };
const decideTime = await timed(async () => {
  Object.assign(files, await deciding.decideFiles({ ...files }));
});

const times: Record<'engine' | 'first' | 'later', number[]> = { engine: [], first: [], later: [] };
for (let turn = 0; turn < turns; turn++) {
  times.engine.push(await timed(() => engine.run(`CREATE OR REPLACE TABLE trips AS FROM read_csv('${path}')`)));
  const store = await open();
  times.first.push(await timed(() => transform(store)));
  times.later.push(await timed(() => transform(store)));
  await store.close();
}
await deciding.close();
engine.closeSync();
instance.closeSync();
await rm(home, { recursive: true });

const base = median(times.engine);
console.log(`engine alone ${base.toFixed(0)} ms`);
for (const name of ['first', 'later'] as const) {
  console.log(`${name} reading ${median(times[name]).toFixed(0)} ms, ${(median(times[name]) / base).toFixed(2)}×`);
}
console.log(`registration (decides from all rows) ${decideTime.toFixed(0)} ms, ${(decideTime / base).toFixed(2)}×`);

async function transform(store: Awaited<ReturnType<typeof open>>): Promise<void> {
  const context = { signal: new AbortController().signal, progress: () => {} };
  await store.transform(
    'trips',
    { kind: 'QUERY', sql: 'SELECT * FROM {{ trips }}', inputs: { trips: files } },
    context,
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

async function writeTrips(): Promise<void> {
  const stream = createWriteStream(path);
  stream.write('id,driver,amount,paid,day,at,name\n');
  for (let from = 0; from < rows; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, index) => {
      const at = from + index;
      const day = `2024-0${1 + (at % 9)}-1${at % 10}`;
      return `${at},${(at * 7919) % 100_000},${((at * 37) % 100_000) / 100},${at % 2 === 0},${day},${day} 10:20:30.${100_000 + (at % 900_000)},name ${at % 1000}\n`;
    });
    if (!stream.write(lines.join(''))) await once(stream, 'drain');
  }
  await new Promise<void>((resolve) => stream.end(resolve));
}
