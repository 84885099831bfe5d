import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { encodeEntityKey } from '../providers/contract/entity-key.ts';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import { packRows, rowLayout } from '../providers/contract/online-row.ts';
import type { FilesRelation } from '../providers/contract/relation.ts';
import { type ScalarName, scalar } from '../providers/contract/value-type.ts';
import { openLmdbOnlineStore } from '../providers/lmdb/lmdb-online-store.ts';

/**
 * DuckDB in the process that serves, and in one of its own: opening, the first rows of a relation, a materialization of
 * 1,000,000 rows × 10 features to LMDB, a point-in-time join of as many rows to Parquet. Each way runs in a fresh process,
 * in turn, twice. CPU and memory are those of the process that serves.
 */
const rows = Number(process.env.FEATUREGRAPH_BENCH_ROWS ?? 1_000_000);
const types: ScalarName[] = [
  ...Array.from({ length: 4 }, () => 'INT64' as const),
  ...Array.from({ length: 4 }, () => 'FLOAT64' as const),
  'STRING',
  'STRING',
];
const names = types.map((_, at) => `f${at}`);
const context = { signal: new AbortController().signal, progress: () => {} };

async function open(way: string, home: string): Promise<OfflineStore> {
  const places = { database: join(home, `${way}.duckdb`), dataRoots: [home], runsDirectory: join(home, way) };
  if (way === 'in process') {
    const { openDuckdbOfflineStore } = await import('../providers/duckdb/duckdb-offline-store.ts');
    return openDuckdbOfflineStore({ ...places, memoryLimit: '2000MB' });
  }
  const { openDuckdbProcessStore } = await import('../providers/duckdb/process/duckdb-process-store.ts');
  return openDuckdbProcessStore({ ...places, memoryLimitMb: 2_000 });
}

async function materialize(store: OfflineStore, relation: FilesRelation, home: string): Promise<void> {
  const online = await openLmdbOnlineStore({ directory: join(home, `lmdb ${process.pid}`), project: 'bench' });
  const layout = rowLayout(types.map(scalar));
  const plan = { relation, keys: ['driver'], eventTimestamp: 'at', columns: names };
  for await (const { size, columns } of store.latest(plan, context)) {
    const [keys = [], eventTimestamps = [], createdTimestamps = [], ...values] = columns;
    const packed = packRows(layout, { size, eventTimestamps, createdTimestamps, columns: values });
    const writes = packed.map((row, at) => ({ key: encodeEntityKey(['INT64'], [keys[at] as bigint]), row }));
    await online.write({ entity: 'driver', view: 'stats' }, writes);
  }
  await online.close();
}

async function measure(way: string, home: string): Promise<void> {
  const told: Record<string, number> = {};
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    told[`${name}, ms`] = performance.now() - start;
    return result;
  };
  const store = await timed('open', () => open(way, home));
  const relation = await store.decideFiles({ kind: 'FILES', format: 'PARQUET', paths: ['rows.parquet'] });
  const previews: number[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const start = performance.now();
    await store.preview(relation, 20);
    previews.push(performance.now() - start);
  }
  told['preview of 20 rows, p50 ms'] = previews.toSorted((one, other) => one - other)[25] ?? 0;
  const before = process.cpuUsage();
  const atRest = process.memoryUsage.rss();
  await timed('materialization', () => materialize(store, relation, home));
  const { user, system } = process.cpuUsage(before);
  told['rows a second'] = rows / ((told['materialization, ms'] ?? 0) / 1_000);
  told['CPU here, s'] = (user + system) / 1e6;
  told['memory here at rest, MB'] = atRest / 1e6;
  told['memory here at most, MB'] = process.resourceUsage().maxRSS / 1e3;
  const spine = { relation, timestamp: 'at', columns: [{ column: 'driver', as: 'driver' }] };
  const columns = names.map((column) => ({ column, as: column }));
  const keys = [{ spine: 'driver', joined: 'driver' }];
  const joins = [{ relation, keys, eventTimestamp: 'at', knownAsOf: false, columns, tieBreak: names }];
  await timed('join to Parquet', () => store.retrieve({ spine, joins }, `run ${process.pid}`, context));
  await store.close();
  const words = Object.entries(told).map(([name, value]) => `${name} ${value.toFixed(value < 10 ? 1 : 0)}`);
  console.log(`${way}: ${words.join('; ')}`);
}

async function writeRows(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const values = types.map((type, at) => {
    if (type === 'INT64') return `range * ${at + 3} AS f${at}`;
    return type === 'FLOAT64' ? `range / ${at + 3} AS f${at}` : `'driver number ' || range AS f${at}`;
  });
  await connection.run(
    `COPY (SELECT range AS driver, TIMESTAMPTZ '2024-01-01' + range * INTERVAL 1 SECOND AS at, ${values.join(', ')}
      FROM range(${rows})) TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

const [way, place] = process.argv.slice(2);
if (way !== undefined && place !== undefined) await measure(way, place);
else {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
  await writeRows(join(home, 'rows.parquet'));
  for (const turn of ['in process', 'in its own', 'in process', 'in its own']) {
    await once(fork(new URL(import.meta.url), [turn, home]), 'exit');
  }
  await rm(home, { recursive: true, force: true });
}
