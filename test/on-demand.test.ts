import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, JsonValue } from '@featuregraph/client';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const quote: DefinitionInput = {
  onDemandFeatureView: {
    name: 'quote',
    description: 'What a ride would be.',
    inputs: [
      { feature: 'driver_stats:trips' },
      { feature: 'driver_stats:rating' },
      { feature: 'driver_now:city', alias: 'city_now' },
    ],
    request: [
      { name: 'amount', type: 'FLOAT64' },
      { name: 'promo', type: 'STRING', optional: true },
    ],
    features: [
      { name: 'per_trip', expression: 'request.amount / double(trips)', description: 'Amount for each trip so far.' },
      { name: 'trips_left', expression: '100 / (trips - 7)' },
      { name: 'is_promoted', expression: 'has(request.promo) && request.promo.startsWith("R")' },
      { name: 'score', expression: 'coalesce(rating, 0.0) * request.amount' },
    ],
  },
};

/** Requests with the values that a quote needs, which the label keeps. */
const trained: DefinitionInput[] = [
  {
    source: {
      name: 'quoted',
      transformation: {
        sql: `select request_id, driver_id, requested_at, accepted, cast(request_id - 86 as double) as amount,
          case when driver_id = 1 then 'Rome' end as promo from {{ requests }}`,
      },
    },
  },
  {
    label: {
      name: 'took',
      source: 'quoted',
      value: { column: 'accepted', type: 'BOOL' },
      timestamp: 'requested_at',
      columns: ['amount', 'promo', 'request_id'],
      entities: [{ entity: 'driver' }],
    },
  },
  {
    trainingSet: {
      name: 'quotes',
      label: 'took',
      split: { time: { test: '2024-01-04' } },
      features: [
        { feature: 'quote:per_trip' },
        { feature: 'driver_stats:trips' },
        { feature: 'quote:trips_left', alias: 'left' },
        { feature: 'quote:is_promoted' },
        { feature: 'quote:score', lag: '1d' },
      ],
    },
  },
];

const drivers = (...values: JsonValue[]) => [{ joinKey: 'driver_id', values }];
const features = (...refs: string[]) => ({ features: refs.map((feature) => ({ feature })) });

describe('on-demand features', () => {
  let server: TestServer;

  before(async () => {
    server = await startDriversServer();
    await server.client.apply([quote]);
  });
  after(() => server.stop());

  test('are registered with the types of their expressions, and again without a change', async () => {
    const { resource } = await server.client.operations.Resource({ kind: 'ON_DEMAND_FEATURE_VIEW', ref: 'quote' });
    const written = resource?.definition as unknown as { onDemandFeatureView: { features: { type: string }[] } };
    assert.deepEqual(
      written.onDemandFeatureView.features.map(({ type }) => type),
      ['FLOAT64', 'INT64', 'BOOL', 'FLOAT64'],
    );
    for (const definition of [quote, written as unknown as DefinitionInput]) {
      const { steps } = await server.client.plan([definition]);
      assert.deepEqual(
        steps.map(({ action }) => action),
        ['UNCHANGED'],
      );
    }
  });

  test('are served with what is stored, of the values of the request', async () => {
    const select = features(
      'quote:per_trip',
      'driver_stats:trips',
      'quote:trips_left',
      'quote:is_promoted',
      'quote:score',
    );
    const request = { amount: [14, 2, 9, 5], promo: ['Rome', null, 'x', 'R'] };
    const { columns, size } = await server.client.onlineFeatures(select, drivers(1, 2, 3, 9), { request });
    assert.equal(size, 4);
    assert.deepEqual(
      columns.map(({ name, values, statuses }) => ({ name, values, statuses })),
      [
        { name: 'per_trip', values: [2, 2, 1, null], statuses: ['PRESENT', 'PRESENT', 'PRESENT', 'NOT_FOUND'] },
        { name: 'trips', values: [7, 1, 9, null], statuses: ['PRESENT', 'PRESENT', 'PRESENT', 'NOT_FOUND'] },
        { name: 'trips_left', values: [null, -16, 50, null], statuses: ['ERROR', 'PRESENT', 'PRESENT', 'NOT_FOUND'] },
        { name: 'is_promoted', values: [true, false, false, true], statuses: Array(4).fill('PRESENT') },
        { name: 'score', values: [66.5, 0, 29.25, 0], statuses: Array(4).fill('PRESENT') },
      ],
    );
    assert.deepEqual(columns[0]?.eventTimestamps, [
      '2024-01-02T10:00:00Z',
      '2024-01-01T12:00:00Z',
      '2024-01-03T08:00:00.123456Z',
      null,
    ]);
  });

  test('refuse values of the request that are missing, unknown, misspelt, of other types or lengths', async () => {
    const ask = (request: Record<string, JsonValue[]>, ...ids: JsonValue[]) =>
      refusal(server.client.onlineFeatures(features('quote:per_trip'), drivers(...ids), { request }));
    const missing = await ask({}, 1);
    assert.deepEqual(pathsOf(missing), ['request']);
    assert.match(missing.issues[0]?.message ?? '', /has no "amount", which quote@v1 needs/);
    const wrong = await ask({ amout: [1], amount: ['much', 2], promo: [7] }, 1);
    assert.deepEqual(pathsOf(wrong), [
      'request[0].name',
      'request[1].values',
      'request[1].values[0]',
      'request[2].values[0]',
    ]);
    assert.equal(wrong.issues[0]?.fix, 'Did you mean "amount"?');
    const stored = refusal(
      server.client.onlineFeatures(features('driver_stats:trips'), drivers(1), { request: { amount: [1] } }),
    );
    assert.deepEqual(pathsOf(await stored), ['request[0].name']);
  });

  test('are fields of their entity, with the values of the request as arguments', async () => {
    const asked = `{
      driver(driverId: 1) {
        stats: driverStats { trips }
        quote(amount: 14.0, promo: "R2") { perTrip tripsLeft isPromoted _features { name value status } }
        again: quote(amount: 7) { perTrip }
      }
      driverList(keys: [{ driverId: 2 }, { driverId: 9 }]) { quote(amount: 3) { perTrip tripsLeft score } }
    }`;
    let answer: unknown;
    // The graph follows what was registered.
    await eventually(async () => {
      answer = await server.client.query<object, object>(asked);
    });
    assert.deepEqual(answer, {
      driver: {
        stats: { trips: 7 },
        quote: {
          perTrip: 2,
          tripsLeft: null,
          isPromoted: true,
          _features: [
            { name: 'per_trip', value: 2, status: 'PRESENT' },
            { name: 'trips_left', value: null, status: 'ERROR' },
            { name: 'is_promoted', value: true, status: 'PRESENT' },
            { name: 'score', value: 66.5, status: 'PRESENT' },
          ],
        },
        again: { perTrip: 1 },
      },
      driverList: [
        { quote: { perTrip: 3, tripsLeft: -16, score: 0 } },
        { quote: { perTrip: null, tripsLeft: null, score: 0 } },
      ],
    });
    const wrong = await refusal(server.client.query('{ driver(driverId: 1) { quote { perTrip } } }', {}));
    assert.match(wrong.message, /amount/);
  });

  test('are in retrievals, of the columns of the rows that were sent', async () => {
    const ask = (columns: { name: string; type: string }[], row: JsonValue[]) =>
      server.client.retrieve({
        ...{ knownAsOf: false, name: null, belongsTo: null },
        select: features('quote:per_trip', 'quote:is_promoted', 'driver_stats:rating'),
        spine: { rows: { columns, rows: [row], timestamp: 'at', entities: [{ entity: 'driver' }] } },
      });
    const keys = [
      { name: 'driver_id', type: 'INT64' },
      { name: 'at', type: 'TIMESTAMP' },
    ];
    const missing = await refusal(ask(keys, [1, '2024-01-02T00:00:00Z']));
    assert.deepEqual(pathsOf(missing), ['features[0].feature', 'features[1].feature']);
    assert.match(
      missing.issues[0]?.message ?? '',
      /needs the value "amount" \(FLOAT64\), and the spine keeps no column/,
    );
    const wrong = await refusal(ask([...keys, { name: 'amount', type: 'STRING' }], [1, '2024-01-02T00:00:00Z', 'x']));
    assert.match(wrong.issues[0]?.message ?? '', /needs "amount" as FLOAT64, and the column of the spine is STRING/);
    const { id } = await ask([...keys, { name: 'amount', type: 'FLOAT64' }], [1, '2024-01-02T00:00:00Z', 10]);
    assert.deepEqual(await settleJobs(server), []);
    const { job } = await server.client.query<{ job: { run: { rows: unknown } } }, object>(
      `{ job(id: "${id}") { run { rows(first: 2) { columns { name } edges { node } } } } }`,
    );
    const columns = ['driver_id', 'at', 'amount', 'per_trip', 'is_promoted', 'rating'].map((name) => ({ name }));
    assert.deepEqual(job.run.rows, { columns, edges: [{ node: [1, '2024-01-02T00:00:00Z', 10, 2, false, 4.5] }] });
  });

  test('are in training sets as they would have been served then, of the columns that the label keeps', async () => {
    await server.client.apply(trained);
    assert.deepEqual(await settleJobs(server), []);
    const rows: unknown[] = [];
    for await (const row of server.client.trainingSet('quotes').rows()) rows.push(row);
    assert.deepEqual(rows, [
      training(1, '2024-01-01T09:59:59Z', 14, 'Rome', 100, true, 'TRAIN', [null, null, null, true, 0]),
      training(1, '2024-01-01T10:00:00Z', 15, 'Rome', 101, false, 'TRAIN', [3, 5, -50, true, 0]),
      training(1, '2024-01-03T00:00:00Z', 16, 'Rome', 102, true, 'TRAIN', [16 / 7, 7, null, true, 72]),
      training(2, '2024-01-05T00:00:00Z', 17, null, 103, null, 'TEST', [17, 1, -16, false, 0]),
      training(9, '2024-01-05T00:00:00Z', 18, null, 104, true, 'TEST', [null, null, null, false, 0]),
      training(9, '2024-01-05T00:00:00Z', 18, null, 104, true, 'TEST', [null, null, null, false, 0]),
    ]);
    const { jobs } = await server.client.operations.Jobs({ first: 1, filter: { kinds: ['BUILD_TRAINING_SET'] } });
    assert.deepEqual(jobs.edges[0]?.node.ref ?? null, 'quotes@v1');
    const counted = await server.client.query<{ trainingSet: { latestRun: unknown } }, object>(
      '{ trainingSet(ref: "quotes") { latestRun { errors { column reason rows } } } }',
    );
    assert.deepEqual(counted.trainingSet.latestRun, {
      errors: [{ column: 'left', reason: 'DIVISION_BY_ZERO', rows: 1 }],
    });
  });
});

function training(
  id: number,
  at: string,
  amount: number,
  promo: string | null,
  request: number,
  took: boolean | null,
  split: string,
  [perTrip, trips, left, isPromoted, score]: (number | boolean | null)[],
) {
  const kept = { driver_id: id, requested_at: at, amount, promo, request_id: request, took, split };
  return { ...kept, per_trip: perTrip, trips, left, is_promoted: isPromoted, score };
}
