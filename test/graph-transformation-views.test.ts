import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import type { JobKind } from '../src/jobs/job.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { refusal } from './servers/refusal.ts';
import { type RewrittenSource, rewrittenSources } from './servers/rewritten-source.ts';

const postgres = await postgresForTests();
const engines = rewrittenSources(postgres);
const secrets = { FEATUREGRAPH_SECRET_WAREHOUSE: 'url' in postgres ? postgres.url : '' };

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

/** Two drivers and how many trips each made, in SQL of both engines. */
const trips = (one: number | string, other: number | string, type = 'bigint') =>
  `SELECT CAST(d AS bigint) AS driver_id, CAST(m AS timestamp) AS moved_at, CAST(t AS ${type}) AS trips
   FROM (VALUES (1, '2024-01-01', ${one}), (2, '2024-01-02', ${other})) AS made (d, m, t)`;

const transformation = (name: string, sql: string, as?: 'TABLE' | 'VIEW'): DefinitionInput => ({
  source: { name, transformation: { sql, ...(as && { as }) } },
});

const view = (name: string, source: string, feature: string): DefinitionInput => ({
  featureView: {
    name,
    entity: 'driver',
    source,
    eventTimestamp: 'moved_at',
    features: [{ name: feature, type: 'INT64' }],
  },
});

/** Transformations over a transformation over a stored one, and what reads the last of them. */
const chain = (prefix: string, as: 'TABLE' | 'VIEW'): DefinitionInput[] => [
  transformation(
    `${prefix}_doubled`,
    'SELECT driver_id, moved_at, trips * 2 AS twice FROM {{ counted }} AS counted',
    as,
  ),
  transformation(
    `${prefix}_more`,
    `SELECT driver_id, moved_at, twice + 1 AS more FROM {{ ${prefix}_doubled }} AS doubled`,
    as,
  ),
  view(`${prefix}_features`, `${prefix}_more`, 'more'),
  {
    label: {
      name: `${prefix}_label`,
      source: `${prefix}_more`,
      timestamp: 'moved_at',
      value: { column: 'more', type: 'INT64' },
      entities: [{ entity: 'driver' }],
    },
  },
  {
    trainingSet: {
      name: `${prefix}_set`,
      label: `${prefix}_label`,
      features: [{ feature: `${prefix}_features:more` }],
    },
  },
];

const definitions = ({ config, source }: Pick<RewrittenSource, 'config' | 'source'>): DefinitionInput[] =>
  [
    { provider: { name: 'warehouse', config } },
    { provider: { name: 'latest', config: { lmdb: {} } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    { source: { name: 'trips', ...source } },
    transformation('counted', 'SELECT driver_id, moved_at, trips FROM {{ trips }} AS trips WHERE trips > 0'),
    transformation('direct', 'SELECT driver_id, moved_at, trips FROM {{ trips }} AS trips', 'VIEW'),
    view('direct_features', 'direct', 'trips'),
    ...chain('table', 'TABLE'),
    ...chain('view', 'VIEW'),
  ] as DefinitionInput[];

const neededJobs = [
  'BUILD_TRAINING_SET table_set@v1',
  'BUILD_TRAINING_SET view_set@v1',
  'MATERIALIZE direct_features@v1',
  'MATERIALIZE table_features@v1',
  'MATERIALIZE view_features@v1',
  'TRANSFORM counted@v1',
  'TRANSFORM table_doubled@v1',
  'TRANSFORM table_more@v1',
];

const named = (jobs: readonly { kind: string; ref?: string | null }[]) =>
  jobs.map(({ kind, ref }) => `${kind} ${ref}`).toSorted();

type Rows = { rows: unknown[][] };
type JobNode = { kind: string; ref: string; error: { code: string; message: string } | null; log: { line: string }[] };

async function preview(server: TestServer, source: string): Promise<unknown[][]> {
  const { data, errors } = await server.graphql('query ($ref: String!) { source(ref: $ref) { preview { rows } } }', {
    ref: source,
  });
  assert.equal(errors, undefined, JSON.stringify(errors));
  return (data.source as { preview: Rows }).preview.rows.toSorted();
}

for (const engine of engines) {
  describe(`a transformation that is a VIEW: ${engine.name}`, { skip: engine.skip }, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ variables: secrets });
      await engine.write(trips(5, 7), server);
    });
    after(() => server?.stop());

    /** Runs a job anew; answers with how it ended. */
    async function run(kind: JobKind, of: 'SOURCE' | 'TRAINING_SET' | 'FEATURE_VIEW', name: string, input = {}) {
      const { jobs, registry } = server.process.application;
      const { id, ref } = registry.get(of, name);
      await jobs.submit([{ kind, resource: { id, kind: of, ref }, input, startedBy: 'tester' }]);
      return newestJob(ref);
    }

    async function newestJob(ref: string | null): Promise<JobNode> {
      await settleJobs(server);
      const { data } = await server.graphql(
        '{ jobs(first: 1) { edges { node { kind ref error { code message } log { line } } } } }',
      );
      const [edge] = (data.jobs as { edges: { node: JobNode }[] }).edges;
      assert.equal(edge?.node.ref, ref);
      return edge.node;
    }

    const built = async (name: string) =>
      (await server.client.trainingSet(name).page()).rows?.edges.map(({ node }) => node as unknown[]).toSorted();

    async function served(feature: string) {
      const keys = [{ joinKey: 'driver_id', values: [1, 2] }];
      const { columns } = await server.client.onlineFeatures({ features: [{ feature }] }, keys);
      return columns[0]?.values;
    }

    test('gives the rows that a TABLE does, and no job runs it', async () => {
      assert.deepEqual(named((await server.client.plan(definitions(engine))).jobs), neededJobs);
      assert.deepEqual(named((await server.client.apply(definitions(engine))).jobs), neededJobs);
      assert.deepEqual(await settleJobs(server), []);
      const rows = [
        [1, '2024-01-01T00:00:00Z', 11],
        [2, '2024-01-02T00:00:00Z', 15],
      ];
      for (const prefix of ['table', 'view']) {
        assert.deepEqual(await preview(server, `${prefix}_more`), rows, prefix);
        const joined = rows.map((row) => [...row, row[2]]);
        assert.deepEqual(await built(`${prefix}_set`), joined, prefix);
        assert.deepEqual(await served(`${prefix}_features:more`), [11, 15], prefix);
      }
      const { data } =
        await server.graphql(`{ table: source(ref: "table_more") { ...C } view: source(ref: "view_more") { ...C } }
        fragment C on Source { columns { name type } registeredColumns { name type } }`);
      assert.deepEqual(data.view, data.table);
      assert.equal((data.view as { registeredColumns: unknown[] }).registeredColumns.length, 3);
    });

    test('is of the inputs as they are, whenever it is read', async () => {
      const values = async (source: string) => (await preview(server, source)).map((row) => row[2]);
      await engine.write(trips(50, 70), server);
      assert.deepEqual(await values('direct'), [50, 70]);
      assert.deepEqual(await values('view_more'), [11, 15]);
      assert.equal((await run('TRANSFORM', 'SOURCE', 'counted')).error, null);
      assert.deepEqual(await values('view_more'), [101, 141]);
      assert.deepEqual(await values('table_more'), [11, 15]);
      for (const [prefix, expected] of [
        ['table', [11, 15]],
        ['view', [101, 141]],
      ] as const) {
        assert.equal((await run('BUILD_TRAINING_SET', 'TRAINING_SET', `${prefix}_set`)).error, null);
        assert.deepEqual(
          (await built(`${prefix}_set`))?.map(([, , label, feature]) => [label, feature]),
          expected.map((value) => [value, value]),
        );
        assert.equal((await run('MATERIALIZE', 'FEATURE_VIEW', `${prefix}_features`)).error, null);
        assert.deepEqual(await served(`${prefix}_features:more`), expected);
      }
    });

    test('is the rows to join to as well', async () => {
      const { data } = await server.graphql(
        `mutation { retrieveHistoricalFeatures(select: { features: [{ feature: "table_features:more", alias: "seen" }] }, spine: { source: {
          source: "view_more", timestamp: "moved_at", entities: [{ entity: "driver" }], columns: ["more"] } }) { id } }`,
      );
      const { id } = data.retrieveHistoricalFeatures as { id: string };
      assert.equal((await newestJob(null)).error, null);
      const { job } = await server.client.operations.JobRun({ id });
      const rows = job?.run?.rows.edges.map(({ node }) => (node as unknown[]).slice(2)).toSorted();
      assert.deepEqual(rows, [
        [101, 11],
        [141, 15],
      ]);
    });

    test('has the stored inputs stored anew before a scheduled materialization, and is not stored itself', async () => {
      await engine.write(trips(500, 700), server);
      const { error, log } = await run('MATERIALIZE', 'FEATURE_VIEW', 'view_features', { refresh: true });
      assert.equal(error, null);
      assert.deepEqual(
        log.map(({ line }) => line.split(' has ')[0]).filter((line) => line?.includes('@')),
        ['counted@v1'],
      );
      assert.deepEqual(await served('view_features:more'), [1001, 1401]);
    });

    test('has its inputs looked at before it is read, and what is served stays', async () => {
      assert.equal((await run('MATERIALIZE', 'FEATURE_VIEW', 'direct_features')).error, null);
      await engine.write(trips('50.5', '70.5', 'double precision'), server);
      const { error } = await run('MATERIALIZE', 'FEATURE_VIEW', 'direct_features');
      const message = 'Column "trips" of trips@v1 is FLOAT64 now; it was INT64.';
      assert.deepEqual(error, { code: 'SCHEMA_MISMATCH', message });
      assert.deepEqual(await served('direct_features:trips'), [500, 700]);
      await engine.write(trips(5, 7), server);
      assert.equal((await run('MATERIALIZE', 'FEATURE_VIEW', 'direct_features')).error, null);
      assert.deepEqual(await served('direct_features:trips'), [5, 7]);
    });

    test('has nothing to run, and says so to who asks for it', async () => {
      for (const name of ['view_more', 'trips']) {
        const { error } = await run('TRANSFORM', 'SOURCE', name);
        assert.equal(error?.code, 'UNSUPPORTED');
        assert.match(error.message, new RegExp(`nothing to run for ${name}@v1`));
        const { data } = await server.graphql('query ($ref: String!) { source(ref: $ref) { status statusMessage } }', {
          ref: name,
        });
        assert.deepEqual(data.source, { status: 'READY', statusMessage: null });
      }
    });
  });
}

describe('a transformation that is a VIEW, before any job has run', () => {
  const files = engines[0] ?? assert.fail();
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ worker: false });
    await files.write(trips(5, 7), server);
    await server.client.apply(definitions(files));
  });
  after(() => server.stop());

  test('can be read at once, and what reads it waits for its stored inputs', async () => {
    const { data } = await server.graphql(`{
      counted: source(ref: "counted") { status as } direct: source(ref: "direct") { status as }
      view: source(ref: "view_more") { status as } trips: source(ref: "trips") { status as }
      jobs(first: 500) { edges { node { kind ref dependsOn { kind ref } } } } }`);
    assert.deepEqual(data.counted, { status: 'PENDING', as: 'TABLE' });
    assert.deepEqual(data.direct, { status: 'READY', as: 'VIEW' });
    assert.deepEqual(data.view, { status: 'READY', as: 'VIEW' });
    assert.deepEqual(data.trips, { status: 'READY', as: null });
    assert.deepEqual(
      (await preview(server, 'view_more')).map((row) => row[2]),
      [11, 15],
    );
    const { edges } = data.jobs as { edges: { node: { kind: string; ref: string; dependsOn: [] } }[] };
    const waitsFor = (ref: string) => named(edges.find(({ node }) => node.ref === ref)?.node.dependsOn ?? []);
    assert.deepEqual(waitsFor('view_features@v1'), ['TRANSFORM counted@v1']);
    assert.deepEqual(waitsFor('view_set@v1'), ['TRANSFORM counted@v1']);
    assert.deepEqual(waitsFor('direct_features@v1'), []);
    assert.deepEqual(waitsFor('table_more@v1'), ['TRANSFORM table_doubled@v1']);
  });

  test('has the lineage of any transformation, to the columns of the files', async () => {
    const lineage = async (prefix: string) => {
      const { data } = await server.graphql(
        `query ($source: String!, $feature: String!) {
          source(ref: $source) { inputs { ref } upstream(depth: 9) { ref } downstream(depth: 9) { ref } }
          feature(ref: $feature) { origins { source { ref } column } } }`,
        { source: `${prefix}_doubled`, feature: `${prefix}_features:more` },
      );
      assert.deepEqual((data.feature as { origins: unknown }).origins, [
        { source: { ref: 'trips@v1' }, column: 'trips' },
      ]);
      return JSON.parse(JSON.stringify(data).replaceAll(`${prefix}_`, ''));
    };
    const found = await lineage('view');
    assert.deepEqual(found.source.inputs, [{ ref: 'counted@v1' }]);
    assert.deepEqual(found, await lineage('table'));
  });

  test('is deleted like any source, and not while something uses it', async () => {
    const used = await refusal(server.client.operations.DeleteResource({ kind: 'SOURCE', ref: 'view_doubled' }));
    assert.equal(used.code, 'IN_USE');
    assert.match(used.message, /view_doubled@v1 is still used by 1/);
    await server.client.apply([transformation('unused', 'SELECT trips FROM {{ direct }} AS direct', 'VIEW')]);
    const gone = await server.client.operations.DeleteResource({ kind: 'SOURCE', ref: 'unused' });
    assert.deepEqual(gone.deleteResource, ['unused@v1']);
  });
});
