import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import type { JobKind } from '../src/jobs/job.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { type RewrittenSource, rewrittenSources, runInPostgres } from './servers/rewritten-source.ts';

const postgres = await postgresForTests();
const url = 'url' in postgres ? postgres.url : '';
const inPostgres = (sql: string) => runInPostgres(url, sql);

const engines = rewrittenSources(postgres);

const registered =
  "SELECT CAST(1 AS bigint) AS driver_id, TIMESTAMP '2024-01-01 00:00:00' AS moved_at, CAST(5 AS bigint) AS trips, CAST('Rome' AS varchar) AS city, true AS unused";

const features: Record<string, { name: string; type: string }[]> = {
  trips: [
    { name: 'trips', type: 'INT64' },
    { name: 'city', type: 'STRING' },
  ],
  doubled: [{ name: 'twice', type: 'INT64' }],
  busy: [{ name: 'city', type: 'STRING' }],
};

const definitions = ({ config, source }: RewrittenSource): DefinitionInput[] =>
  [
    { provider: { name: 'warehouse', config } },
    { provider: { name: 'latest', config: { lmdb: {} } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    { source: { name: 'trips', ...source } },
    {
      source: {
        name: 'doubled',
        transformation: { sql: 'SELECT driver_id, moved_at, trips * 2 AS twice FROM {{ trips }} AS t' },
      },
    },
    // What its filter reads shows in none of its columns.
    {
      source: {
        name: 'busy',
        transformation: { sql: 'SELECT driver_id, moved_at, city FROM {{ trips }} AS t WHERE trips > 4' },
      },
    },
    ...['trips', 'doubled', 'busy'].map((from) => ({
      featureView: {
        name: `${from}_view`,
        entity: 'driver',
        source: from,
        eventTimestamp: 'moved_at',
        features: features[from],
      },
    })),
    ...['trips', 'busy'].map((from) => ({
      label: {
        name: `${from}_label`,
        source: from,
        timestamp: 'moved_at',
        value: { column: 'city', type: 'STRING' },
        entities: [{ entity: 'driver' }],
      },
    })),
    ...['trips', 'busy'].map((from) => ({
      trainingSet: { name: `${from}_moves`, label: `${from}_label`, features: [{ feature: 'doubled_view:twice' }] },
    })),
  ] as DefinitionInput[];

/** What happens to the rows, and what the jobs of the view, the transformation and the training set say of it. */
const changes: { what: string; select: string; view?: RegExp; transformation?: RegExp; trainingSet?: RegExp }[] = [
  {
    what: 'a column is gone',
    select: registered.replace("CAST('Rome' AS varchar) AS city, ", ''),
    view: /Column "city" of trips@v1 is gone; it was STRING/,
    trainingSet: /Column "city" of trips@v1 is gone; it was STRING/,
  },
  {
    what: 'a column is of another type',
    select: registered.replace('CAST(5 AS bigint)', 'CAST(5.5 AS double precision)'),
    view: /Column "trips" of trips@v1 is FLOAT64 now; it was INT64/,
    transformation: /Column "trips" of trips@v1 is FLOAT64 now; it was INT64/,
  },
  {
    what: 'a key is of another type',
    select: registered.replace('CAST(1 AS bigint)', "CAST('1' AS varchar)"),
    view: /Column "driver_id" of trips@v1 is STRING now; it was INT64/,
    transformation: /Column "driver_id" of trips@v1 is STRING now; it was INT64/,
    trainingSet: /Column "driver_id" of trips@v1 is STRING now; it was INT64/,
  },
  {
    what: 'a column that nobody uses is gone, and a new one is there',
    select: registered.replace('true AS unused', '1 AS another'),
  },
];

type Outcome = { ref: string; attempts: number; error: { code: string; message: string } | null };

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

for (const engine of engines) {
  describe(`a source that changes: ${engine.name}`, { skip: engine.skip }, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ variables: { FEATUREGRAPH_SECRET_WAREHOUSE: url } });
      await engine.write(registered, server);
      await server.client.apply(definitions(engine));
      assert.deepEqual(await settleJobs(server), []);
    });
    after(() => server?.stop());

    /** Runs a job anew; answers with what it failed with. */
    async function outcome(kind: JobKind, of: 'SOURCE' | 'TRAINING_SET' | 'FEATURE_VIEW', name: string) {
      const { jobs, registry } = server.process.application;
      const { id, ref } = registry.get(of, name);
      await jobs.submit([{ kind, resource: { id, kind: of, ref }, input: {}, startedBy: 'tester' }]);
      await settleJobs(server);
      return lastFailure(ref);
    }

    async function lastFailure(ref: string | null) {
      const { data } = await server.graphql(
        '{ jobs(first: 1) { edges { node { ref state attempts error { code message } } } } }',
      );
      const [edge] = (data.jobs as { edges: { node: Outcome }[] }).edges;
      assert.equal(edge?.node.ref, ref);
      assert.equal(edge.node.attempts, 1);
      return edge.node.error ?? undefined;
    }

    const outcomes = async () => ({
      trainingSet: await outcome('BUILD_TRAINING_SET', 'TRAINING_SET', 'trips_moves'),
      view: await outcome('MATERIALIZE', 'FEATURE_VIEW', 'trips_view'),
      transformation: await outcome('TRANSFORM', 'SOURCE', 'doubled'),
    });

    const served = async () => {
      const selected = { features: [{ feature: 'trips_view:trips' }, { feature: 'trips_view:city' }] };
      const { columns } = await server.client.onlineFeatures(selected, [{ joinKey: 'driver_id', values: [1] }]);
      return columns.map(({ values }) => values[0]);
    };

    for (const { what, select, ...expected } of changes) {
      test(`is noticed before it is read when ${what}, and what is served stays`, async () => {
        await engine.write(select, server);
        const failed = await outcomes();
        for (const kind of ['view', 'transformation', 'trainingSet'] as const) {
          const error = failed[kind];
          if (expected[kind] === undefined) assert.equal(error, undefined, kind);
          else {
            assert.equal(error?.code, 'SCHEMA_MISMATCH', kind);
            assert.match(error.message, expected[kind]);
          }
        }
        assert.deepEqual(await served(), [5, 'Rome']);
        await engine.write(registered, server);
        await outcomes();
        // The transformation is stored again, and what reads it no longer has to look further.
        assert.deepEqual(await outcomes(), { view: undefined, transformation: undefined, trainingSet: undefined });
      });
    }

    test('is noticed by what reads a transformation that is not stored, where no column of its own has changed', async () => {
      const retrieval = async () => {
        await server.graphql(
          `mutation { retrieveHistoricalFeatures(select: { features: [{ feature: "doubled_view:twice" }] }, spine: {
            source: { source: "busy", timestamp: "moved_at", entities: [{ entity: "driver" }] } }) { id } }`,
        );
        await settleJobs(server);
        return lastFailure(null);
      };
      const readers = async () => [
        await outcome('MATERIALIZE', 'FEATURE_VIEW', 'busy_view'),
        await outcome('BUILD_TRAINING_SET', 'TRAINING_SET', 'busy_moves'),
        await retrieval(),
      ];
      await engine.write(registered.replace('CAST(5 AS bigint)', 'CAST(5.5 AS double precision)'), server);
      assert.deepEqual(await readers(), [undefined, undefined, undefined]);
      const message = 'Column "trips" of trips@v1 is FLOAT64 now; it was INT64.';
      const failed = { code: 'SCHEMA_MISMATCH', message };
      // It has failed, and what reads it computes it from now on.
      assert.deepEqual(await outcome('TRANSFORM', 'SOURCE', 'busy'), failed);
      assert.deepEqual(await readers(), [failed, failed, failed]);
      await engine.write(registered, server);
      assert.deepEqual(await readers(), [undefined, undefined, undefined]);
      assert.equal(await outcome('TRANSFORM', 'SOURCE', 'busy'), undefined);
    });

    test('shows what it was and what it is, and each change as an issue', async () => {
      const gone = registered.replace("CAST('Rome' AS varchar) AS city, ", '');
      await engine.write(gone.replace('CAST(5 AS bigint)', 'CAST(5 AS integer)'), server);
      await server.graphql('mutation { materialize(views: ["trips_view"]) { id } }');
      await settleJobs(server);
      const { data } = await server.graphql(
        `{ source(ref: "trips") { columns { name type } registeredColumns { name type } }
          featureView(ref: "trips_view") { status }
          jobs(first: 1) { edges { node { error { message issues { path message fix } } } } } }`,
      );
      const source = data.source as Record<'columns' | 'registeredColumns', { name: string; type: string }[]>;
      const typed = (columns: { name: string; type: string }[]) => columns.map(({ name, type }) => `${name} ${type}`);
      const before = ['driver_id INT64', 'moved_at TIMESTAMP', 'trips INT64', 'city STRING', 'unused BOOL'];
      assert.deepEqual(typed(source.registeredColumns), before);
      assert.deepEqual(typed(source.columns), ['driver_id INT64', 'moved_at TIMESTAMP', 'trips INT32', 'unused BOOL']);
      assert.deepEqual(data.featureView, { status: 'FAILED' });
      const fix = 'Bring it back as it was, or register new variants of the source and of what uses it.';
      const trips = 'Column "trips" of trips@v1 is INT32 now; it was INT64';
      const issues = [
        { path: 'trips@v1.trips', message: `${trips}.`, fix },
        { path: 'trips@v1.city', message: 'Column "city" of trips@v1 is gone; it was STRING.', fix },
      ];
      const error = { message: `${trips} (and 1 more).`, issues };
      assert.deepEqual(data.jobs, { edges: [{ node: { error } }] });
      assert.deepEqual(await served(), [5, 'Rome']);
    });

    test('has its columns kept by the first job that reads it, where they were not', async () => {
      await engine.write(registered, server);
      const { database, registry } = server.process.application;
      const { id } = registry.get('SOURCE', 'trips');
      await database.kysely.deleteFrom('sourceColumns').where('resourceId', '=', id).execute();
      const kept = async () => {
        const { data } = await server.graphql('{ source(ref: "trips") { registeredColumns { name } } }');
        return (data.source as { registeredColumns: unknown[] | null }).registeredColumns?.length;
      };
      assert.equal(await kept(), undefined);
      assert.deepEqual(await outcomes(), { view: undefined, transformation: undefined, trainingSet: undefined });
      assert.equal(await kept(), 5);
    });

    test('makes a retrieval fail as well', async () => {
      await engine.write(registered.replace('CAST(5 AS bigint)', 'CAST(5 AS integer)'), server);
      const { data } = await server.graphql(
        `mutation { retrieveHistoricalFeatures(select: { features: [{ feature: "trips_view:city" }] }, spine: { rows: {
          columns: [{ name: "driver_id", type: "INT64" }], rows: [[1]], entities: [{ entity: "driver" }] } }) { id } }`,
      );
      const { id } = data.retrieveHistoricalFeatures as { id: string };
      await settleJobs(server);
      const { data: after } = await server.graphql(
        'query ($id: ID!) { job(id: $id) { state error { code message } } }',
        { id },
      );
      const message = 'Column "trips" of trips@v1 is INT32 now; it was INT64.';
      assert.deepEqual(after.job, { state: 'FAILED', error: { code: 'SCHEMA_MISMATCH', message } });
    });
  });
}

describe('a column that turns nullable', { skip: 'skip' in postgres ? postgres.skip : false }, () => {
  test('is noticed where someone uses it', async () => {
    await inPostgres(`DROP TABLE IF EXISTS trips; CREATE TABLE trips AS ${registered};
      ALTER TABLE trips ALTER driver_id SET NOT NULL, ALTER unused SET NOT NULL`);
    const server = await startTestServer({ variables: { FEATUREGRAPH_SECRET_WAREHOUSE: url } });
    try {
      const [, engine] = engines;
      assert.ok(engine);
      await server.client.apply(definitions(engine));
      assert.deepEqual(await settleJobs(server), []);
      await inPostgres('ALTER TABLE trips ALTER unused DROP NOT NULL');
      await server.graphql('mutation { materialize(views: ["trips_view"]) { id } }');
      assert.deepEqual(await settleJobs(server), []);
      await inPostgres('ALTER TABLE trips ALTER driver_id DROP NOT NULL');
      await server.graphql('mutation { materialize(views: ["trips_view"]) { id } }');
      const words = 'trips_view@v1: Column "driver_id" of trips@v1 can be null now; it never was.';
      assert.deepEqual(await settleJobs(server), [words]);
      const { data } = await server.graphql('{ featureView(ref: "trips_view") { status statusMessage } }');
      assert.deepEqual(data.featureView, { status: 'FAILED', statusMessage: words.slice('trips_view@v1: '.length) });
    } finally {
      await server.stop();
    }
  });
});
