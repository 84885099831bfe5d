import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type DefinitionInput, FeaturegraphError } from '@featuregraph/client';
import { tableFromIPC } from 'apache-arrow';
import { driversWorld, settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

/** A view of every type, fed by pushes alone. */
const everyType: DefinitionInput = {
  featureView: {
    name: 'every_type',
    entity: 'driver',
    source: 'typed',
    eventTimestamp: 'happened_at',
    features: [
      { name: 'whole', type: 'INT64' },
      { name: 'small', type: 'INT32' },
      { name: 'double', type: 'FLOAT64' },
      { name: 'single', type: 'FLOAT32' },
      { name: 'flag', type: 'BOOL' },
      { name: 'words', type: 'STRING' },
      { name: 'raw', type: 'BYTES' },
      { name: 'day', type: 'DATE' },
      { name: 'moment', type: 'TIMESTAMP' },
      { name: 'list', type: 'INT64[]' },
    ],
  },
};

const typedSource: DefinitionInput = {
  source: {
    name: 'typed',
    transformation: {
      sql: `select driver_id, happened_at, 9223372036854775807::bigint as whole, 1::integer as small, 0.1::double as double,
        0.5::float as single, true as flag, 'a,"b' as words, 'xy'::blob as raw, date '2024-02-29' as day,
        timestamp '2024-01-01 00:00:00.000001' as moment, [1, null]::bigint[] as list from {{ stats }} where driver_id = 1`,
    },
  },
};

describe('serving through the graph', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([...driversWorld, everyType, typedSource]);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(() => server.stop());

  async function codeOf(work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof FeaturegraphError, 'it should have failed');
    return error.code;
  }

  const drivers = (...values: (number | string | null)[]) => [{ joinKey: 'driver_id', values }];

  test('gives every cell its value and its status', async () => {
    const { size, columns } = await server.client.onlineFeatures('acceptance', drivers(1, 2, 404, null, 1));
    assert.equal(size, 5);
    const [trips, rating, city] = columns;
    assert.deepEqual(trips?.values, [7, 1, null, null, 7]);
    assert.deepEqual(trips?.statuses, ['PRESENT', 'PRESENT', 'NOT_FOUND', 'NOT_FOUND', 'PRESENT']);
    assert.deepEqual(trips?.eventTimestamps, [
      '2024-01-02T10:00:00Z',
      '2024-01-01T12:00:00Z',
      null,
      null,
      '2024-01-02T10:00:00Z',
    ]);
    assert.deepEqual(rating?.statuses, ['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'NOT_FOUND', 'PRESENT']);
    assert.equal(city?.name, 'city_now');
    assert.deepEqual(city?.values, [null, null, null, null, null]);
    assert.equal(city?.statuses[0], 'OUTSIDE_TTL');
  });

  test('refuses too many keys, wrong keys and wrong features, each with its code', async () => {
    const many = Array.from({ length: 10_001 }, (_, at) => at);
    assert.equal(await codeOf(server.client.onlineFeatures('acceptance', drivers(...many))), 'LIMIT_EXCEEDED');
    assert.equal(await codeOf(server.client.onlineFeatures('acceptance', drivers('seven'))), 'INVALID_INPUT');
    assert.equal(
      await codeOf(server.client.onlineFeatures('acceptance', [{ joinKey: 'rider', values: [1] }])),
      'INVALID_INPUT',
    );
    assert.equal(
      await codeOf(server.client.onlineFeatures({ features: [{ feature: 'driver_stats:nothing' }] }, drivers(1))),
      'INVALID_INPUT',
    );
    assert.equal(await codeOf(server.client.onlineFeatures('nothing', drivers(1))), 'NOT_FOUND');
    const ten = await server.client.onlineFeatures('acceptance', drivers(...many.slice(1)));
    assert.equal(ten.size, 10_000);
  });

  test('serves what is pushed at once, never an older row over a newer, and every type exactly', async () => {
    const row = {
      driver_id: 5,
      happened_at: '2024-06-01T00:00:00.000001Z',
      whole: '-9223372036854775808',
      small: -1,
      double: '-0',
      single: 'NaN',
      flag: false,
      words: 'ünï\u0000',
      raw: 'AP8=',
      day: '0001-01-01',
      moment: '9999-12-31T23:59:59.999999Z',
      list: [1, null, '9007199254740993'],
    };
    const push = (rows: object[]) => server.client.operations.PushFeatures({ view: 'every_type', rows: rows as never });
    assert.deepEqual((await push([row])).pushFeatures, { written: 1, stale: 0 });
    const select = {
      features: ['whole', 'small', 'double', 'single', 'flag', 'words', 'raw', 'day', 'moment', 'list'].map((name) => ({
        feature: `every_type:${name}`,
      })),
    };
    const { columns } = await server.client.onlineFeatures(select, drivers(5));
    const served = columns.map((column) => column.values[0]);
    assert.deepEqual(served, [
      row.whole,
      -1,
      '-0',
      'NaN',
      false,
      row.words,
      'AP8=',
      '0001-01-01',
      row.moment,
      row.list,
    ]);
    assert.equal(columns[0]?.eventTimestamps[0], row.happened_at);
    const stale = await push([{ ...row, happened_at: '2024-05-31T00:00:00Z', small: 99 }]);
    assert.deepEqual(stale.pushFeatures, { written: 0, stale: 1 });
    assert.deepEqual((await push([{ ...row, small: 3 }])).pushFeatures, { written: 1, stale: 0 });
    assert.equal((await server.client.onlineFeatures(select, drivers(5))).columns[1]?.values[0], 3);
    assert.equal(
      await codeOf(push([{ driver_id: 5, happened_at: 'yesterday', small: 2 ** 40, unknown: 1 }])),
      'INVALID_INPUT',
    );
  });

  test('finds nearest neighbours of a vector and of an entity, filtered, with their features', async () => {
    const near = await server.client.nearest(
      'driver_profile:profile',
      { vector: [7, 4.75] },
      { k: 2, select: { features: [{ feature: 'driver_stats:trips' }] } },
    );
    assert.deepEqual(
      near.map(({ keys }) => keys[0]?.value),
      [1, 3],
    );
    assert.equal(near[0]?.score, 0);
    assert.equal(near[0]?.features?.[0]?.value, 7);
    const others = await server.client.nearest('driver_profile:profile', { entity: drivers(1) }, { k: 10 });
    assert.deepEqual(
      others.map(({ keys }) => keys[0]?.value),
      [3, 2],
    );
    const filtered = await server.client.nearest(
      'driver_profile:profile',
      { entity: drivers(1) },
      { filter: { range: { feature: 'doubled', lt: 10 } } },
    );
    assert.deepEqual(
      filtered.map(({ keys }) => keys[0]?.value),
      [2],
    );
    const both = {
      and: [{ not: { equal: { feature: 'doubled', value: 2 } } }, { in: { feature: 'doubled', values: [18, 2] } }],
    };
    assert.deepEqual(
      (await server.client.nearest('driver_profile:profile', { entity: drivers(1) }, { filter: both })).map(
        ({ keys }) => keys[0]?.value,
      ),
      [3],
    );
    assert.equal(await codeOf(server.client.nearest('driver_stats:trips', { vector: [1] })), 'INVALID_INPUT');
    assert.equal(await codeOf(server.client.nearest('driver_profile:profile', { vector: [1] })), 'INVALID_INPUT');
    assert.equal(await codeOf(server.client.nearest('driver_profile:profile', { entity: drivers(404) })), 'NOT_FOUND');
    assert.equal(
      await codeOf(
        server.client.nearest(
          'driver_profile:profile',
          { vector: [1, 1] },
          { filter: { equal: { feature: 'city', value: 'x' } } },
        ),
      ),
      'INVALID_INPUT',
    );
  });

  test('builds the training set as each row saw it, and pages through it', async () => {
    const { rows } = await server.client.trainingSet('acceptance', { first: 4 });
    assert.deepEqual(
      rows?.columns.map(({ name }) => name),
      ['driver_id', 'requested_at', 'accepted', 'trips', 'rating', 'trips_a_day_before'],
    );
    const at = (day: string) => `2024-01-0${day}Z`;
    const expected = [
      [1, at('1T09:59:59'), true, null, null, null],
      [1, at('1T10:00:00'), false, 5, 4.5, null],
      [1, at('3T00:00:00'), true, 7, 4.75, 5],
      [2, at('5T00:00:00'), null, 1, null, 1],
    ];
    assert.deepEqual(
      rows?.edges.map(({ node }) => node),
      expected,
    );
    const rest = await server.client.trainingSet('acceptance', { first: 4, after: rows?.pageInfo.endCursor ?? '' });
    const alike = [9, at('5T00:00:00'), true, null, null, null];
    assert.deepEqual(
      rest.rows?.edges.map(({ node }) => node),
      [alike, alike],
    );
    assert.equal(rest.rows?.pageInfo.hasNextPage, false);
    assert.equal(await codeOf(server.client.trainingSet('acceptance', { after: 'x' })), 'INVALID_INPUT');
  });

  test('streams downloads in every format, with the same values', async () => {
    const download = async (format: 'CSV' | 'JSONL' | 'ARROW' | 'PARQUET') => {
      const { trainingSet } = await server.client.operations.TrainingSetDownload({ ref: 'acceptance', format });
      const answer = await fetch(new URL(trainingSet?.download ?? '', server.url));
      assert.equal(answer.status, 200);
      return Buffer.from(await answer.arrayBuffer());
    };
    const csv = (await download('CSV')).toString().trimEnd().split('\n');
    assert.equal(csv[0], 'driver_id,requested_at,accepted,trips,rating,trips_a_day_before');
    assert.equal(csv[3], '1,2024-01-03T00:00:00Z,true,7,4.75,5');
    assert.equal(csv.length, 7);
    const lines = (await download('JSONL'))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines[1], {
      driver_id: 1,
      requested_at: '2024-01-01T10:00:00Z',
      accepted: false,
      trips: 5,
      rating: 4.5,
      trips_a_day_before: null,
    });
    const table = tableFromIPC(await download('ARROW'));
    assert.equal(table.numRows, 6);
    assert.deepEqual([...(table.getChild('trips') ?? [])], [null, 5n, 7n, 1n, null, null]);
    assert.deepEqual([...(table.getChild('accepted') ?? [])], [true, false, true, null, true, true]);
    assert.equal((await download('PARQUET')).subarray(0, 4).toString(), 'PAR1');
    const wrong = await fetch(new URL('/runs/00000000-0000-0000-0000-000000000000', server.url));
    assert.equal(wrong.status, 404);
    const run = (await server.client.trainingSet('acceptance')).latestRun?.id ?? '';
    const id = Buffer.from(run, 'base64url').toString().replace('TrainingRun:', '');
    assert.equal((await fetch(new URL(`/runs/${id}?format=XLS`, server.url))).status, 400);
  });

  test("joins features to a caller's own rows and to a source's", async () => {
    const { operations } = server.client;
    const own = {
      rows: {
        columns: [
          { name: 'id', type: 'INT64' },
          { name: 'moment', type: 'TIMESTAMP' },
          { name: 'note', type: 'STRING' },
        ],
        rows: [
          [1, '2024-01-02T10:00:00Z', 'x'],
          [null, null, null],
          [3, '2024-01-03T09:00:00.123456+01:00', "y's"],
        ],
        timestamp: 'moment',
        entities: [{ entity: 'driver', joinKeys: [{ joinKey: 'driver_id', column: 'id' }] }],
      },
    };
    const select = { features: [{ feature: 'driver_stats:trips' }] };
    const { retrieveHistoricalFeatures: first } = await operations.RetrieveHistoricalFeatures({ select, spine: own });
    const source = {
      source: {
        source: 'requests',
        timestamp: 'requested_at',
        entities: [{ entity: 'driver' }],
        columns: ['request_id'],
      },
    };
    const { retrieveHistoricalFeatures: second } = await operations.RetrieveHistoricalFeatures({
      select,
      spine: source,
      knownAsOf: true,
    });
    assert.deepEqual(await settleJobs(server), []);
    const rowsOf = async (id: string) => (await operations.JobRun({ id })).job?.run?.rows.edges.map(({ node }) => node);
    assert.deepEqual(await rowsOf(first.id), [
      [1, '2024-01-02T10:00:00Z', 'x', 7],
      [null, null, null, null],
      [3, '2024-01-03T08:00:00.123456Z', "y's", 9],
    ]);
    assert.deepEqual((await rowsOf(second.id))?.[1], [1, '2024-01-01T10:00:00Z', 101, null]);
    const wrong = { rows: { ...own.rows, rows: [['one', 2, 3]], timestamp: 'when' } };
    assert.equal(await codeOf(operations.RetrieveHistoricalFeatures({ select, spine: wrong })), 'INVALID_INPUT');
  });

  test('materializes a range of time, and shows sources and materializations', async () => {
    await writeFile(
      join(server.dataRoot, 'stats.csv'),
      'driver_id,happened_at,recorded_at,trips,rating,city\n1,2024-02-01T00:00:00,2024-02-01T00:00:00,70,1.5,Oslo\n2,2024-03-01T00:00:00,2024-03-01T00:00:00,20,2.5,Oslo\n',
    );
    await server.client.operations.Materialize({
      views: ['driver_stats'],
      from: '2024-01-15T00:00:00Z',
      to: '2024-02-15T00:00:00Z',
    });
    assert.deepEqual(await settleJobs(server), []);
    const { columns } = await server.client.onlineFeatures(
      { features: [{ feature: 'driver_stats:trips' }] },
      drivers(1, 2),
    );
    assert.deepEqual(columns[0]?.values, [70, 1]);
    const { data } = await server.graphql(
      '{ featureView(ref: "driver_stats") { materializations(first: 1) { rows from to watermark } } source(ref: "stats") { preview(limit: 1) { columns { name } rows } } }',
    );
    assert.deepEqual((data.featureView as { materializations: unknown }).materializations, [
      { rows: 1, from: '2024-01-15T00:00:00Z', to: '2024-02-15T00:00:00Z', watermark: '2024-02-01T00:00:00Z' },
    ]);
    assert.deepEqual((data.source as { preview: { rows: unknown } }).preview.rows, [
      [1, '2024-02-01T00:00:00Z', '2024-02-01T00:00:00Z', 70, 1.5, 'Oslo'],
    ]);
    assert.equal(await codeOf(server.client.operations.Materialize({ views: ['nobody'] })), 'NOT_FOUND');
    assert.equal(
      await codeOf(
        server.client.operations.Materialize({
          views: ['driver_stats'],
          from: '2024-02-15T00:00:00Z',
          to: '2024-01-15T00:00:00Z',
        }),
      ),
      'INVALID_INPUT',
    );
  });

  test('answers health checks', async () => {
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    assert.deepEqual(await (await fetch(`${server.url}/readyz`)).json(), { status: 'ready' });
  });
});
