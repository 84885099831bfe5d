import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openDuckdbProcessStore } from '../providers/duckdb/process/duckdb-process-store.ts';
import { requireSelection } from '../src/registry/selection.ts';
import { planRetrieval } from '../src/retrieval/point-in-time-planning.ts';
import { retrieveRun } from '../src/retrieval/retrieve-run.ts';
import { catalogOfViews } from '../test/conformance/view-catalog.ts';
import { OpenedStores } from '../test/servers/opened-stores.ts';

/**
 * A training set of 1,000,000 rows × 20 windows over as many events, to Parquet, against the SQL that one would write by hand
 * in DuckDB: window functions with a RANGE frame over spine and events together. In turns, the best of three; milliseconds.
 * Then both are compared: what the SQL sums one after another differs in the last bits.
 */
const rows = Number(process.env.FEATUREGRAPH_BENCH_ROWS ?? 1_000_000);
const keys = rows / 100;

const made = (table: string, values: string) =>
  `SELECT (i * 7919) % ${keys} AS customer_id, TIMESTAMP '2024-01-01' + to_microseconds((i * 1299709) % 7776000 * 1000000 + ${table === 'spine' ? 500_000 : 0}) AS happened, ${values} FROM range(${rows}) AS made (i)`;
const spineSql = made('spine', 'i AS place');
const eventsSql = made('events', '((i * 104729) % 100000) / 100.0::DOUBLE AS x, (i * 15485863) % 1000000 AS n');

const functions = [
  { name: 'COUNT', type: 'INT64', sql: 'count(x)' },
  { name: 'SUM', type: 'FLOAT64', column: 'x', sql: 'sum(x)' },
  { name: 'MAX', type: 'FLOAT64', column: 'x', sql: 'max(x)' },
  { name: 'MEAN', type: 'FLOAT64', column: 'n', of: 'INT64', sql: 'avg(n)' },
] as const;
const windows = ['1h', '1d', '7d', '30d', '90d'] as const;
const intervals = ['1 hour', '1 day', '7 days', '30 days', '90 days'];

const features = functions.flatMap(({ name, type, ...rest }) =>
  windows.map((window) => ({
    name: `${name}_${window}_${'column' in rest ? rest.column : ''}`.toLowerCase().replace(/_$/, ''),
    type,
    ...('column' in rest && { column: rest.column }),
    aggregation: { function: name, window, ...('of' in rest && { of: rest.of }) },
  })),
);
const context = { signal: new AbortController().signal, progress: () => {} };

const home = await mkdtemp(join(tmpdir(), 'featuregraph-bench-'));
const store = await openDuckdbProcessStore({
  database: join(home, 'ours.duckdb'),
  dataRoots: [home],
  runsDirectory: join(home, 'runs'),
  memoryLimitMb: 2_000,
  threads: 2,
});
const instance = await DuckDBInstance.create(join(home, 'hand.duckdb'), { threads: '2', memory_limit: '2000MB' });
const hand = await instance.connect();

const catalog = catalogOfViews(
  'bench',
  [{ name: 'customer_id', type: 'INT64' }],
  [{ name: 'spending', eventTimestamp: 'happened', features }],
);
const stores = new OpenedStores({ 'warehouse@v1': { offline: store } });

async function ours(run: string): Promise<void> {
  const [entity] = catalog.ofKind('ENTITY');
  const [provider] = catalog.ofKind('PROVIDER');
  if (entity === undefined || provider === undefined) throw new TypeError('the catalog has both');
  const roles = [{ role: 'thing', entity, keys: [{ joinKey: 'customer_id', column: 'customer_id' }] }];
  const selected = requireSelection(
    catalog,
    features.map(({ name }) => ({ feature: `spending:${name}` })),
    roles,
  );
  const columns = ['customer_id', 'happened', 'place'].map((column) => ({ column, as: column }));
  const spine = {
    relation: { kind: 'TRANSFORMED' as const, id: 'spine' },
    provider,
    timestamp: 'happened',
    columns,
    roles,
  };
  await retrieveRun(stores, planRetrieval(catalog, { spine, asked: selected, knownAsOf: false }), run, context);
}

const framed = functions.flatMap(({ sql }, place) =>
  intervals.map((_, at) => `${sql} OVER w${at} AS f${place * intervals.length + at}`),
);
const frames = intervals.map((interval, at) => {
  return `w${at} AS (PARTITION BY customer_id ORDER BY happened RANGE BETWEEN INTERVAL ${interval} PRECEDING AND INTERVAL 1 microsecond PRECEDING)`;
});
const handSql =
  `SELECT * EXCLUDE (x, n) FROM (SELECT *, ${framed.join(', ')} FROM (` +
  'SELECT customer_id, happened, place, NULL::DOUBLE AS x, NULL::BIGINT AS n FROM spine UNION ALL SELECT customer_id, happened, NULL, x, n FROM events' +
  `) WINDOW ${frames.join(', ')}) WHERE place IS NOT NULL ORDER BY place`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

try {
  for (const [id, sql] of [
    ['spine', spineSql],
    ['spending_rows@v1', eventsSql],
  ] as const)
    await store.transform(id, { kind: 'QUERY', sql, inputs: {} }, context);
  await hand.run(`CREATE TABLE spine AS ${spineSql}`);
  await hand.run(`CREATE TABLE events AS ${eventsSql}`);
  const best = { ours: Number.POSITIVE_INFINITY, hand: Number.POSITIVE_INFINITY };
  for (let at = 0; at < 3; at++) {
    best.ours = Math.min(best.ours, await timed(() => ours(`run-${at}`)));
    const path = join(home, `hand-${at}.parquet`);
    best.hand = Math.min(
      best.hand,
      await timed(() => hand.run(`COPY (${handSql}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`)),
    );
  }
  process.stdout.write(
    `${rows} rows × ${features.length} windows: ${Math.round(best.ours)} ms, by hand ${Math.round(best.hand)} ms (×${(best.ours / best.hand).toFixed(2)})\n`,
  );
  const file = store.runFile('run-0');
  const pairs = features.map(({ name }, at) => {
    return `count(*) FILTER (WHERE abs(o."${name}" - h.f${at}) > 1e-9 * abs(h.f${at}) OR (o."${name}" IS NULL) <> (h.f${at} IS NULL)) AS d${at}`;
  });
  const compared = await hand.runAndReadAll(
    `SELECT ${pairs.join(', ')} FROM read_parquet('${file}') o JOIN read_parquet('${join(home, 'hand-0.parquet')}') h USING (place)`,
  );
  process.stdout.write(`values that differ by more than 1e-9: ${compared.getRows()[0]?.map(String).join(' ')}\n`);
} finally {
  hand.closeSync();
  await store.close();
  await rm(home, { recursive: true, force: true });
}
