import pg from 'pg';
import type { PointInTimePlan } from '../providers/contract/point-in-time-plan.ts';
import { openPostgresOfflineStore } from '../providers/postgres/postgres-offline-store.ts';
import { postgresForTests } from '../test/servers/postgres.ts';

/**
 * A point-in-time join of a spine with three views of ten features in PostgreSQL, against the same join written by
 * hand in three forms. `node bench/point-in-time-postgres.ts [rows] [rows per key] [turns]`; the spine and each view
 * have that many rows. The forms are timed in turn, twice each by default; EXPLAIN of each is printed at the end.
 */
const size = Number(process.argv[2] ?? 1_000_000);
const history = Number(process.argv[3] ?? 10);
const views = [1, 2, 3];
const features = Array.from({ length: 10 }, (_, at) => `f${at}`);

const random = `(random() * ${size / history})::bigint AS driver, timestamptz '2024-01-01' + random() * interval '365 days'`;
const world = [
  `CREATE TABLE spine AS SELECT ${random} AS at, random() AS label FROM generate_series(1, ${size})`,
  ...views.map((view) => {
    const values = features.map((name) => `random() AS ${name}`).join(', ');
    return `CREATE TABLE view${view} AS SELECT ${random} AS event, ${values} FROM generate_series(1, ${size})`;
  }),
  'ANALYZE',
].join('; ');

const names = (view: number, alias: string) => features.map((name) => `${alias}.${name} AS ${name}_${view}`);
const selected = ['s.*', ...views.flatMap((view) => names(view, `v${view}`))].join(', ');

const lateral = `SELECT ${selected} FROM spine AS s ${views
  .map(
    (view) =>
      `LEFT JOIN LATERAL (SELECT * FROM view${view} AS v WHERE v.driver = s.driver AND v.event <= s.at ORDER BY v.event DESC LIMIT 1) AS v${view} ON true`,
  )
  .join(' ')}`;

const rankedView = (view: number) => `LEFT JOIN (SELECT * FROM (
    SELECT n.row, v.*, row_number() OVER (PARTITION BY n.row ORDER BY v.event DESC) AS rank
    FROM numbered AS n JOIN view${view} AS v ON v.driver = n.driver AND v.event <= n.at) AS r WHERE rank = 1
  ) AS v${view} ON v${view}.row = s.row`;
const ranked = `WITH numbered AS MATERIALIZED (SELECT *, row_number() OVER () AS row FROM spine)
  SELECT ${selected} FROM numbered AS s ${views.map(rankedView).join(' ')}`;

const mergedView = (view: number) => `, counted${view} AS (
    SELECT *, row_number() OVER (ORDER BY driver, event) AS n FROM view${view}), found${view} AS (
    SELECT row, max(n) OVER (PARTITION BY driver ORDER BY at, row NULLS FIRST ROWS UNBOUNDED PRECEDING) AS n FROM (
      SELECT driver, event AS at, n, NULL::bigint AS row FROM counted${view}
      UNION ALL SELECT driver, at, NULL, row FROM numbered) AS merged)`;
const merged = `WITH numbered AS MATERIALIZED (SELECT *, row_number() OVER () AS row FROM spine) ${views.map(mergedView).join('')}
  SELECT ${selected} FROM numbered AS s ${views
    .map(
      (view) =>
        `LEFT JOIN found${view} AS m${view} ON m${view}.row = s.row LEFT JOIN counted${view} AS v${view} ON v${view}.n = m${view}.n`,
    )
    .join(' ')}`;

const plan: PointInTimePlan = {
  spine: {
    relation: { kind: 'TABLE', table: 'spine' },
    timestamp: 'at',
    columns: ['driver', 'at', 'label'].map((column) => ({ column, as: column })),
  },
  joins: views.map((view) => ({
    relation: { kind: 'TABLE', table: `view${view}` },
    keys: [{ spine: 'driver', joined: 'driver' }],
    eventTimestamp: 'event',
    knownAsOf: false,
    columns: features.map((column) => ({ column, as: `${column}_${view}` })),
    tieBreak: features,
  })),
};

const server = await postgresForTests();
if ('skip' in server) throw new Error(server.skip);
const client = new pg.Client({ connectionString: server.url });
await client.connect();
await client.query(`SET timezone = 'UTC'; SET jit = off`);
await client.query(world);
const store = await openPostgresOfflineStore({ url: server.url, schema: 'bench' });

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

const indexes = views.map((view) => `CREATE INDEX by_time${view} ON view${view} (driver, event DESC)`).join('; ');
const dropIndexes = views.map((view) => `DROP INDEX by_time${view}`).join('; ');
const written = (sql: string) => `DROP TABLE IF EXISTS answers; CREATE TABLE answers AS ${sql}`;
const forms: Record<string, () => Promise<unknown>> = {
  featuregraph: () => store.retrieve(plan, 'bench', { signal: new AbortController().signal, progress: () => {} }),
  'lateral, indexes made for it': async () => {
    await client.query(indexes);
    await client.query(written(lateral));
    await client.query(dropIndexes);
  },
  'pairs, ranked': () => client.query(written(ranked)),
  'merged by a window': () => client.query(written(merged)),
};

const times: Record<string, number[]> = Object.fromEntries(Object.keys(forms).map((name) => [name, []]));
for (let turn = 0; turn < Number(process.argv[4] ?? 2); turn++) {
  for (const [name, work] of Object.entries(forms)) times[name]?.push(await seconds(work));
}
const own = Math.min(...(times.featuregraph ?? []));
console.table(
  Object.entries(times).map(([form, measured]) => ({
    form,
    seconds: measured.map((time) => time.toFixed(1)).join(', '),
    'of ours': (Math.min(...measured) / own).toFixed(2),
  })),
);

await client.query(indexes);
for (const [name, sql] of Object.entries({ lateral, ranked, merged })) {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
  process.stdout.write(`\n${name}\n${rows.map((row) => row['QUERY PLAN']).join('\n')}\n`);
}
await client.end();
await store.close();
await server.stop();
