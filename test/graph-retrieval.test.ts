import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, FeatureSelector, JsonValue, SpineInput } from '@featuregraph/client';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const trainingColumns = ['driver_id', 'requested_at', 'accepted', 'trips', 'rating', 'trips_a_day_before'];

/** Worked out by hand from the files of the world: an hour too early, on the second, later, and never seen. */
const trainingRows = [
  [1, '2024-01-01T09:59:59Z', true, null, null, null],
  [1, '2024-01-01T10:00:00Z', false, 5, 4.5, null],
  [1, '2024-01-03T00:00:00Z', true, 7, 4.75, 5],
  [2, '2024-01-05T00:00:00Z', null, 1, null, 1],
  [9, '2024-01-05T00:00:00Z', true, null, null, null],
  [9, '2024-01-05T00:00:00Z', true, null, null, null],
];

describe('training sets through the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startDriversServer();
  });
  after(() => server.stop());

  const trips: FeatureSelector = { features: [{ feature: 'driver_stats:trips' }] };

  async function retrieve(select: FeatureSelector, spine: SpineInput, knownAsOf = false) {
    const { operations } = server.client;
    const started = await operations.RetrieveHistoricalFeatures({ select, spine, knownAsOf });
    const { id } = started.retrieveHistoricalFeatures;
    assert.deepEqual(await settleJobs(server), []);
    const { job } = await operations.JobRun({ id });
    assert.equal(job?.state, 'SUCCEEDED');
    const rows = job?.run?.rows;
    return { id, columns: rows?.columns ?? [], rows: rows?.edges.map(({ node }) => node) ?? [], run: job?.run };
  }

  test('have each row of the label once, with what was known at its moment', async () => {
    const set = await server.client.trainingSet('acceptance').page();
    assert.deepEqual(
      set.rows?.columns.map(({ name }) => name),
      trainingColumns,
    );
    assert.deepEqual(
      set.rows?.edges.map(({ node }) => node),
      trainingRows,
    );
    assert.equal(set.latestRun?.rowCount, 6);
    assert.equal(set.status, 'READY');
  });

  test('count a day from its midnight in UTC', async () => {
    const days = 'driver_id,day,shifts\n1,2024-01-01,1\n1,2024-01-02,2\n';
    await writeFile(join(server.dataRoot, 'days.csv'), days);
    const features = [{ name: 'shifts', type: 'INT64' }];
    await server.client.apply([
      { source: { name: 'days', files: { paths: ['days.csv'] } } },
      { featureView: { name: 'daily', entity: 'driver', source: 'days', eventTimestamp: 'day', features } },
    ]);
    const columns = [
      { name: 'driver_id', type: 'INT64' },
      { name: 'at', type: 'TIMESTAMP' },
    ];
    const times = ['2023-12-31T23:59:59.999999Z', '2024-01-01T00:00:00Z', '2024-01-02T12:00:00Z'];
    const rows = times.map((time) => [1, time]);
    const spine = { rows: { columns, rows, timestamp: 'at', entities: [{ entity: 'driver' }] } };
    const { rows: joined } = await retrieve({ features: [{ feature: 'daily:shifts' }] }, spine);
    assert.deepEqual(
      joined.map((row) => row?.[2]),
      [null, 1, 2],
    );
    const served = await server.client.onlineFeatures({ features: [{ feature: 'daily:shifts' }] }, [
      { joinKey: 'driver_id', values: [1] },
    ]);
    assert.deepEqual(served.columns[0]?.values, [2]);
    assert.deepEqual(served.columns[0]?.eventTimestamps, ['2024-01-02T00:00:00Z']);
  });

  test('compare every join key, withhold what is too old, and break ties by all features', async () => {
    const legs =
      'origin,dest,at,first,second\nA,B,2024-01-01T00:00:00,1,9\nA,B,2024-01-01T00:00:00,2,1\nA,C,2024-01-01T00:00:00,3,3\n';
    await writeFile(join(server.dataRoot, 'legs.csv'), legs);
    const joinKeys = ['origin', 'dest'].map((name) => ({ name, type: 'STRING' }));
    const features = ['first', 'second'].map((name) => ({ name, type: 'INT64' }));
    await server.client.apply([
      { entity: { name: 'leg', joinKeys } },
      { source: { name: 'legs', files: { paths: ['legs.csv'] } } },
      { featureView: { name: 'legs', entity: 'leg', source: 'legs', eventTimestamp: 'at', ttl: '1h', features } },
    ]);
    const columns = [...joinKeys, { name: 'asked', type: 'TIMESTAMP' }];
    const rows = [
      ['A', 'B', '2024-01-01T01:00:00Z'],
      ['A', 'C', '2024-01-01T00:00:00Z'],
      ['A', 'B', '2024-01-01T01:00:00.000001Z'],
      ['B', 'A', '2024-01-01T01:00:00Z'],
    ];
    const spine = { rows: { columns, rows, timestamp: 'asked', entities: [{ entity: 'leg' }] } };
    const { rows: joined } = await retrieve({ features: [{ feature: 'legs:second' }] }, spine);
    assert.deepEqual(
      joined.map((row) => row?.[3]),
      [1, 3, null, null],
    );
  });

  test('are read page by page', async () => {
    const pages: JsonValue[] = [];
    let after: string | undefined;
    for (let page = 0; page < 3; page++) {
      const { rows } = await server.client.trainingSet('acceptance').page({ first: 2, ...(after && { after }) });
      pages.push(...(rows?.edges.map(({ node }) => node) ?? []));
      assert.equal(rows?.pageInfo.hasNextPage, page < 2);
      assert.equal(rows?.totalCount, 6);
      after = rows?.pageInfo.endCursor ?? undefined;
    }
    assert.deepEqual(pages, trainingRows);
    const beyond = await server.client.trainingSet('acceptance').page({ first: 2, after: '6' });
    assert.deepEqual(beyond.rows?.edges, []);
    for (const page of [{ first: 1_001 }, { first: -1 }, { first: 1, after: 'x' }])
      assert.equal((await refusal(server.client.trainingSet('acceptance').page(page))).code, 'INVALID_INPUT');
  });

  test('have runs that can be looked up, each with the job that made it', async () => {
    const asked = await server.graphql(
      '{ trainingSet(ref: "acceptance") { runs { id job { kind resource { ref } } rows(first: 1) { totalCount } } latestRun { id } } }',
    );
    assert.equal(asked.errors, undefined);
    const set = asked.data.trainingSet as { runs: { id: string }[]; latestRun: { id: string } };
    const [first] = set.runs;
    assert.deepEqual(set.runs, [
      {
        id: set.latestRun.id,
        job: { kind: 'BUILD_TRAINING_SET', resource: { ref: 'acceptance@v1' } },
        rows: { totalCount: 6 },
      },
    ]);
    const query = 'query ($id: ID!) { node(id: $id) { __typename ... on TrainingRun { rowCount columns { name } } } }';
    const { data } = await server.graphql(query, { id: first?.id });
    assert.deepEqual((data.node as { rowCount: number }).rowCount, 6);
  });

  test('see only what had been recorded, where that is asked for', async () => {
    const spine: SpineInput = {
      rows: {
        columns: [
          { name: 'driver_id', type: 'INT64' },
          { name: 'moment', type: 'TIMESTAMP' },
        ],
        timestamp: 'moment',
        entities: [{ entity: 'driver' }],
        rows: [
          [1, '2024-01-02T10:04:59.999999Z'],
          [1, '2024-01-02T10:05:00Z'],
        ],
      },
    };
    assert.deepEqual(
      (await retrieve(trips, spine)).rows.map((row) => row.at(-1)),
      [7, 7],
    );
    assert.deepEqual(
      (await retrieve(trips, spine, true)).rows.map((row) => row.at(-1)),
      [5, 7],
    );
  });

  test("join a caller's own rows in roles, every row kept as it was given", async () => {
    const select: FeatureSelector = {
      features: [
        { feature: 'driver_stats:trips', role: 'first' },
        { feature: 'driver_stats:city', role: 'second', alias: 'city' },
        { feature: 'driver_stats:trips', role: 'second', lag: '1d', alias: 'lagged' },
      ],
    };
    const rows: JsonValue[][] = [
      [1, 3, '2024-01-03T08:00:00.123456Z', '9007199254740993'],
      [1, 3, '2024-01-03T08:00:00.123455Z', null],
      [null, 2, '2024-01-02T12:00:00Z', '-1'],
      [2, 2, null, 4],
      [1, 3, '2024-01-03T08:00:00.123456Z', '9007199254740993'],
    ];
    const answer = await retrieve(select, {
      rows: {
        columns: [
          { name: 'one', type: 'INT64' },
          { name: 'other', type: 'INT64' },
          { name: 'moment', type: 'TIMESTAMP' },
          { name: 'noted', type: 'INT64' },
        ],
        timestamp: 'moment',
        entities: [
          { entity: 'driver', role: 'first', joinKeys: [{ joinKey: 'driver_id', column: 'one' }] },
          { entity: 'driver', role: 'second', joinKeys: [{ joinKey: 'driver_id', column: 'other' }] },
        ],
        rows,
      },
    });
    assert.deepEqual(
      answer.columns.map(({ name, type }) => `${name} ${type}`),
      [
        'one INT64',
        'other INT64',
        'moment TIMESTAMP',
        'noted INT64',
        'first_trips INT64',
        'city STRING',
        'lagged INT64',
      ],
    );
    const noted = (row: readonly JsonValue[]) => row.map((value) => (value === '-1' ? -1 : value));
    assert.deepEqual(
      answer.rows.map((row) => row.slice(0, 4)),
      rows.map(noted),
    );
    assert.deepEqual(
      answer.rows.map((row) => row.slice(4)),
      [
        [7, null, null],
        [7, null, null],
        [null, 'Bern, CH', 1],
        [null, null, null],
        [7, null, null],
      ],
    );
  });

  test('join the rows of a source, with the latest values where there is no moment', async () => {
    const source: SpineInput = {
      source: { source: 'requests', entities: [{ entity: 'driver' }], columns: ['request_id'] },
    };
    const { columns, rows } = await retrieve({ service: 'acceptance' }, source);
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['driver_id', 'request_id', 'trips', 'rating', 'city_now'],
    );
    assert.deepEqual(
      rows.map((row) => row.slice(0, 4)),
      [
        [1, 100, 7, 4.75],
        [1, 101, 7, 4.75],
        [1, 102, 7, 4.75],
        [2, 103, 1, null],
        [9, 104, null, null],
        [9, 104, null, null],
      ],
    );
  });

  test('refuse rows and selections that are not valid, with everything that is wrong', async () => {
    const ask = (spine: SpineInput, select: FeatureSelector = trips) =>
      refusal(server.client.operations.RetrieveHistoricalFeatures({ select, spine, knownAsOf: false }));
    const error = await ask({
      rows: {
        columns: [
          { name: 'driver_id', type: 'INT64' },
          { name: 'driver_id', type: 'INT64' },
        ],
        timestamp: 'moment',
        entities: [{ entity: 'driver' }, { entity: 'nobody' }],
        rows: [[1, 2], ['x'], [1, 1.5]],
      },
    });
    assert.equal(error.code, 'INVALID_INPUT');
    assert.deepEqual(pathsOf(error), [
      'spine.entities[1].entity',
      'spine.rows.columns[1].name',
      'spine.rows.rows[1]',
      'spine.rows.rows[1][0]',
      'spine.rows.rows[2][1]',
      'spine.timestamp',
    ]);
    const own = (rows: JsonValue[][]): SpineInput => ({
      rows: { columns: [{ name: 'driver_id', type: 'INT64' }], entities: [{ entity: 'driver' }], rows },
    });
    assert.deepEqual(pathsOf(await ask({ source: { source: 'nowhere', entities: [{ entity: 'driver' }] } })), [
      'spine.source',
    ]);
    assert.deepEqual(pathsOf(await ask(own([]), { features: [{ feature: 'driver_stats:speed' }] })), [
      'features[0].feature',
    ]);
    assert.equal((await ask(own([]), { service: 'nobody' })).code, 'NOT_FOUND');
    assert.equal((await ask(own(Array(100_001).fill([1])))).code, 'LIMIT_EXCEEDED');
  });

  test('of a label without a moment get the latest value of each feature', async () => {
    const definitions: DefinitionInput[] = [
      {
        label: {
          name: 'timeless',
          source: 'requests',
          value: { column: 'request_id', type: 'INT64' },
          entities: [{ entity: 'driver' }],
        },
      },
      { trainingSet: { name: 'timeless', label: 'timeless', features: [{ feature: 'driver_stats:trips' }] } },
    ];
    await server.client.apply(definitions);
    assert.deepEqual(await settleJobs(server), []);
    const set = await server.client.trainingSet('timeless').page();
    assert.deepEqual(
      set.rows?.edges.map(({ node }) => node[2]),
      [7, 7, 7, 1, null, null],
    );
  });

  test('materialize by time range, and remember each', async () => {
    const { operations } = server.client;
    await writeFile(join(server.dataRoot, 'ranged.csv'), 'driver_id,happened_at,trips\n1,2024-01-01T00:00:00,1\n');
    await server.client.apply([
      { source: { name: 'ranged', files: { paths: ['ranged.csv'] } } },
      {
        featureView: {
          name: 'by_range',
          entity: 'driver',
          source: 'ranged',
          eventTimestamp: 'happened_at',
          features: [{ name: 'trips', type: 'INT64' }],
        },
      },
    ]);
    await settleJobs(server);
    const lines = ['1,2024-02-01T00:00:00,2', '2,2024-02-02T00:00:00,3', '3,2024-02-03T00:00:00,4'];
    await writeFile(join(server.dataRoot, 'ranged.csv'), `driver_id,happened_at,trips\n${lines.join('\n')}\n`);
    const range = { from: '2024-02-01T00:00:00Z', to: '2024-02-02T00:00:00Z' };
    await operations.Materialize({ views: ['by_range'], ...range });
    assert.deepEqual(await settleJobs(server), []);
    const { columns } = await server.client.onlineFeatures({ features: [{ feature: 'by_range:trips' }] }, [
      { joinKey: 'driver_id', values: [1, 2, 3] },
    ]);
    assert.deepEqual(columns[0]?.values, [1, 3, null]);
    const { data } = await server.graphql(
      '{ featureView(ref: "by_range") { materializations(first: 1) { from to rows watermark } } }',
    );
    assert.deepEqual((data.featureView as { materializations: unknown }).materializations, [
      { ...range, rows: 1, watermark: '2024-02-02T00:00:00Z' },
    ]);
    const wrong = await refusal(operations.Materialize({ views: ['by_range'], from: range.to, to: range.from }));
    assert.deepEqual(pathsOf(wrong), ['from']);
    assert.equal((await refusal(operations.Materialize({ views: ['nobody'] }))).code, 'NOT_FOUND');
  });
});
