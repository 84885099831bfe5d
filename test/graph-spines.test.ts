import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, FeatureSelector, JsonValue, SpineInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { pathsOf, refusal } from './servers/refusal.ts';
import { madeSource, type Warehouse, warehouses } from './servers/warehouses.ts';

const postgres = await postgresForTests();

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

const timed = { eventTimestamp: 'at' };

/** A view of each kind of time, and a source that has a column of each kind of trouble. */
const definitions = ({ provider }: Warehouse): DefinitionInput[] => [
  provider,
  { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
  { entity: { name: 'rider', joinKeys: [{ name: 'rider_id', type: 'STRING' }] } },
  madeSource(
    'stats',
    ['driver_id bigint', 'at timestamp', 'seen_at timestamp', 'trips bigint'],
    ["1, '2024-01-01', '2024-01-01', 5", "1, '2024-01-02', '2024-01-02', 7"],
  ),
  view('stats', 'driver', { ...timed, createdTimestamp: 'seen_at' }),
  view('unrecorded', 'driver', timed),
  view('timeless', 'driver', {}),
  madeSource('riders', ['rider_id varchar', 'trips bigint'], ["'01', 3"]),
  { featureView: { ...viewOf('riders', 'rider', {}), source: 'riders' } },
  madeSource(
    'asked',
    [
      ...['driver_id bigint', 'narrow integer', 'word varchar', 'yes boolean', 'half double precision'],
      ...['moment timestamp', 'price decimal(18,3)', 'trips bigint'],
    ],
    ["1, 1, '1', true, 1.0, '2024-01-03', 1.5, 9"],
  ),
];

function viewOf(name: string, entity: string, times: object) {
  return { name, entity, source: 'stats', ...times, features: [{ name: 'trips', type: 'INT64' }] };
}

function view(name: string, entity: string, times: object): DefinitionInput {
  return { featureView: viewOf(name, entity, times) };
}

const trips: FeatureSelector = { features: [{ feature: 'stats:trips', alias: 'count' }] };
const ofDriver = (column: string) => ({ entity: 'driver', joinKeys: [{ joinKey: 'driver_id', column }] });

/** Rows of the caller's own, the columns each as `name TYPE`. */
function own(columns: string[], rows: JsonValue[][], more: object = {}): SpineInput {
  const typed = columns.map((column) => {
    const at = column.lastIndexOf(' ');
    return { name: column.slice(0, at), type: column.slice(at + 1) };
  });
  return { rows: { columns: typed, rows, entities: [{ entity: 'driver' }], ...more } };
}

const asked = (more: object = {}): SpineInput => ({
  source: { source: 'asked', entities: [{ entity: 'driver' }], ...more },
});

for (const warehouse of warehouses(postgres)) {
  describe(`spines are held to types: ${warehouse.name}`, { skip: warehouse.skip }, () => {
    let server: TestServer;

    before(async () => {
      server = await startTestServer({ variables: warehouse.variables });
      await server.client.apply(definitions(warehouse));
      assert.deepEqual(await settleJobs(server), []);
    });
    after(() => server.stop());

    const start = (spine: SpineInput, select: FeatureSelector, knownAsOf: boolean) =>
      server.client.operations.RetrieveHistoricalFeatures({ select, spine, knownAsOf });

    async function retrieved(spine: SpineInput, select = trips, knownAsOf = false) {
      const { retrieveHistoricalFeatures } = await start(spine, select, knownAsOf);
      assert.deepEqual(await settleJobs(server), []);
      return (await server.client.operations.JobRun({ id: retrieveHistoricalFeatures.id })).job?.run;
    }

    const rowsOf = async (...asking: Parameters<typeof retrieved>) =>
      (await retrieved(...asking))?.rows.edges.map(({ node }) => node);

    /** The issues of a retrieval that is refused: at once, so that no job begins. */
    async function issuesOf(spine: SpineInput, select = trips, knownAsOf = false): Promise<string[]> {
      const jobs = async () => (await server.client.operations.Jobs({ first: 500 })).jobs.edges.length;
      const before = await jobs();
      const error = await refusal(start(spine, select, knownAsOf));
      assert.equal(error.code, 'INVALID_INPUT');
      assert.equal(await jobs(), before);
      for (const { message, fix } of error.issues) assert.doesNotMatch(`${message} ${fix}`, /cast.*input|operator/i);
      return pathsOf(error);
    }

    const lagged = (lag: string, feature = 'stats:trips'): FeatureSelector => ({
      features: [{ feature, lag, alias: 'count' }],
    });

    test('by keys of another type, sent along', async () => {
      const values = { STRING: '01', BOOL: true, FLOAT64: 9007199254740992, TIMESTAMP: '1970-01-01T00:00:00Z' };
      for (const [type, value] of Object.entries(values)) {
        assert.deepEqual(await issuesOf(own([`driver_id ${type}`], [[value]])), ['spine.entities[0].joinKeys']);
        const mapped = own([`who ${type}`], [[value]], { entities: [ofDriver('who')] });
        assert.deepEqual(await issuesOf(mapped), ['spine.entities[0].joinKeys[0].column']);
      }
      const number = own(['rider_id INT64'], [[1]], { entities: [{ entity: 'rider' }] });
      assert.deepEqual(await issuesOf(number, { features: [{ feature: 'riders:trips' }] }), [
        'spine.entities[0].joinKeys',
      ]);
      const two = own(['driver_id STRING', 'driver_id INT32'], [['1', 1]]);
      assert.deepEqual(await issuesOf(two), ['spine.entities[0].joinKeys', 'spine.rows.columns[1].name']);
    });

    test('by keys of another type, of a source', async () => {
      for (const column of ['word', 'yes', 'half', 'moment', 'price']) {
        const spine = asked({ entities: [ofDriver(column)] });
        assert.deepEqual(await issuesOf(spine), ['spine.entities[0].joinKeys[0].column'], column);
      }
    });

    test('but a narrower whole number is the same key', async () => {
      assert.deepEqual(await rowsOf(own(['driver_id INT32'], [[1], [2]])), [
        [1, 7],
        [2, null],
      ]);
      assert.deepEqual(await rowsOf(asked({ entities: [ofDriver('narrow')] })), [[1, 7]]);
    });

    test('by mappings and roles that are not there or are given twice', async () => {
      const mapping = (...joinKeys: object[]) =>
        own(['driver_id INT64'], [[1]], { entities: [{ entity: 'driver', joinKeys }] });
      const known = { joinKey: 'driver_id', column: 'driver_id' };
      assert.deepEqual(await issuesOf(mapping({ joinKey: 'driver', column: 'driver_id' })), [
        'spine.entities[0].joinKeys[0].joinKey',
      ]);
      assert.deepEqual(await issuesOf(mapping(known, known)), ['spine.entities[0].joinKeys[1].joinKey']);
      assert.deepEqual(await issuesOf(mapping({ ...known, column: 'driver' })), [
        'spine.entities[0].joinKeys[0].column',
      ]);
      const roles = (...entities: object[]) => own(['driver_id INT64'], [[1]], { entities });
      const twice = roles({ entity: 'driver' }, { entity: 'driver' });
      assert.deepEqual(await issuesOf(twice), ['spine.entities[1].role']);
      const sameRole = roles({ entity: 'driver', role: 'who' }, { entity: 'driver', role: 'who' });
      assert.deepEqual(await issuesOf(sameRole), ['spine.entities[1].role']);
      assert.deepEqual(await issuesOf(roles({ entity: 'driver', role: '' })), ['spine.entities[0].role']);
      assert.deepEqual(await issuesOf(roles({ entity: 'drivr' })), ['spine.entities[0].entity']);
    });

    test('by a timestamp that is none', async () => {
      for (const type of ['INT64', 'STRING', 'FLOAT64'])
        assert.deepEqual(await issuesOf(own(['driver_id INT64', `at ${type}`], [[1, null]], { timestamp: 'at' })), [
          'spine.timestamp',
        ]);
      for (const timestamp of ['word', 'trips', 'momnt', ''])
        assert.deepEqual(await issuesOf(asked({ timestamp })), ['spine.timestamp']);
      const day = own(['driver_id INT64', 'at DATE'], [[1, '2024-01-01']], { timestamp: 'at' });
      assert.deepEqual(await rowsOf(day), [[1, '2024-01-01', 5]]);
    });

    test('by columns that meet, that have no name, that are not there or that no type holds', async () => {
      const named = (...names: string[]) => own(['driver_id INT64', ...names.map((name) => `${name} INT64`)], [[1]]);
      const rows = (spine: SpineInput) => issuesOf({ rows: { ...spine.rows, rows: [] } } as SpineInput);
      assert.deepEqual(await rows(named('Driver_ID')), ['spine.rows.columns[1].name']);
      assert.deepEqual(await rows(named('x', 'x')), ['spine.rows.columns[2].name']);
      assert.deepEqual(await rows(named('')), ['spine.rows.columns[1].name']);
      assert.deepEqual(await rows(named('a\0b')), ['spine.rows.columns[1].name']);
      assert.deepEqual(await rows(named('count')), ['features[0]']);
      assert.deepEqual(await rows(named('Count')), ['features[0]']);
      const plain: FeatureSelector = { features: [{ feature: 'stats:trips' }] };
      assert.deepEqual(await issuesOf(asked({ columns: ['trips'] }), plain), ['features[0]']);
      assert.deepEqual(await issuesOf(asked({ columns: ['price', 'nothing'] })), [
        'spine.columns[0]',
        'spine.columns[1]',
      ]);
      assert.deepEqual(await issuesOf(asked({ columns: ['word', 'word'] })), ['spine.columns[1]']);
      const alias = (name: string): FeatureSelector => ({ features: [{ feature: 'stats:trips', alias: name }] });
      assert.deepEqual(await issuesOf(asked(), alias('')), ['features[0].alias']);
      assert.deepEqual(await issuesOf(asked(), alias('a\0b')), ['features[0].alias']);
      const both: FeatureSelector = { features: ['v', 'V'].map((name) => ({ feature: 'stats:trips', alias: name })) };
      assert.deepEqual(await issuesOf(asked(), both), ['features[1]']);
    });

    test('by types that there are not, with what was probably meant', async () => {
      const error = await refusal(start(own(['driver_id int', 'x foo'], [[1, 1]]), trips, false));
      assert.deepEqual(
        error.issues.map(({ path, fix }) => `${path}: ${fix}`),
        ['spine.rows.columns[0].type: Did you mean INT64?', 'spine.rows.columns[1].type: Write one of these.'],
      );
    });

    test('by lists that are empty; no rows at all are joined as they are', async () => {
      assert.deepEqual(await issuesOf(own([], [])), ['spine.rows.columns']);
      assert.deepEqual(await issuesOf(own(['driver_id INT64'], [], { entities: [] })), ['spine.entities']);
      assert.deepEqual(await issuesOf(asked(), { features: [] }), ['features']);
      const run = await retrieved(own(['driver_id INT64'], []));
      assert.deepEqual(
        run?.rows.columns.map(({ name }) => name),
        ['driver_id', 'count'],
      );
      assert.deepEqual(run?.rows.edges, []);
    });

    test('by texts that the joining store can not hold', async () => {
      const spine = own(['driver_id INT64', 'note STRING', 'notes STRING[]'], [[1, 'a\0b', ['', 'c\0']]]);
      if (warehouse.nulInText) {
        assert.deepEqual(await rowsOf(spine), [[1, 'a\0b', ['', 'c\0'], 7]]);
        return;
      }
      assert.deepEqual(await issuesOf(spine), ['spine.rows.rows[0][1]', 'spine.rows.rows[0][2][1]']);
      const long = 'x'.repeat(64);
      assert.deepEqual(await issuesOf(own(['driver_id INT64', `${long} INT64`], [[1, 1]])), [
        'spine.rows.columns[1].name',
      ]);
      const early = own(['driver_id INT64', 'at TIMESTAMP'], [[1, '-100000-01-01T00:00:00Z']], { timestamp: 'at' });
      assert.deepEqual(await issuesOf(early), ['spine.rows.rows[0][1]']);
    });

    test('and values come back as they were sent, whichever they are', async () => {
      const columns = ['driver_id INT64', 'f FLOAT64', 'i INT64', 'b BYTES', 'd DATE', 't TIMESTAMP'];
      const rows: JsonValue[][] = [
        [1, '-0', '9223372036854775807', 'AP8=', '0001-01-01', '9999-12-31T23:59:59.999999Z'],
        [1, 5e-324, '-9223372036854775808', '', '1969-12-31', '1969-12-31T23:59:59.999999Z'],
        [1, 'NaN', 0, 'AA==', '1970-01-01', '1970-01-01T00:00:00Z'],
        [1, null, null, null, null, null],
      ];
      const kept = (await rowsOf(own(columns, rows)))?.map((row) => row.slice(0, -1));
      assert.deepEqual(kept, rows);
    });

    test('by lags that are none, and lags and knowledge where there is no time', async () => {
      const spine = asked({ timestamp: 'moment' });
      for (const lag of ['2 days', 'P2D', '-2d', '', '1', '1.5h', '99999d', 'd'])
        assert.deepEqual(await issuesOf(spine, lagged(lag)), ['features[0].lag'], lag);
      const error = await refusal(start(spine, lagged('2 days'), false));
      assert.deepEqual(error.issues[0]?.fix, 'Write 2d.');
      assert.deepEqual(await rowsOf(spine, lagged('1d 12h')), [[1, '2024-01-03T00:00:00Z', 5]]);
      assert.deepEqual(await issuesOf(asked(), lagged('1d')), ['features[0].lag']);
      assert.deepEqual(await issuesOf(spine, lagged('1d', 'timeless:trips')), ['features[0].lag']);
      assert.deepEqual(await issuesOf(asked(), trips, true), ['knownAsOf']);
      const unrecorded: FeatureSelector = { features: [{ feature: 'unrecorded:trips', alias: 'count' }] };
      assert.deepEqual(await issuesOf(spine, unrecorded, true), ['knownAsOf']);
      assert.deepEqual(await rowsOf(spine, trips, true), [[1, '2024-01-03T00:00:00Z', 7]]);
    });

    test('in a training set as in a retrieval', async () => {
      const label = (name: string, timestamp?: string): DefinitionInput => ({
        label: {
          name,
          source: 'asked',
          value: { column: 'yes', type: 'BOOL' },
          ...(timestamp && { timestamp }),
          entities: [{ entity: 'driver' }],
        },
      });
      await server.client.apply([label('timed', 'moment'), label('untimed')]);
      const issues = async (of: string, feature: object, knownAsOf = false) => {
        const trainingSet = { name: 'refused', label: of, features: [feature], knownAsOf };
        return pathsOf(await refusal(server.client.apply([{ trainingSet } as DefinitionInput])));
      };
      const path = 'definitions[0].features[0].lag';
      for (const lag of ['2 days', 'P2D', '-2d', ''])
        assert.deepEqual(await issues('timed', { feature: 'stats:trips', lag }), [path]);
      assert.deepEqual(await issues('untimed', { feature: 'stats:trips', lag: '1d' }), [path]);
      assert.deepEqual(await issues('timed', { feature: 'timeless:trips', lag: '1d' }), [path]);
      assert.deepEqual(await issues('untimed', { feature: 'stats:trips' }, true), ['definitions[0].knownAsOf']);
      assert.deepEqual(await issues('timed', { feature: 'unrecorded:trips' }, true), ['definitions[0].knownAsOf']);
    });

    test('again by the job, whoever wrote it', async () => {
      const { jobs } = server.process.application;
      const spine = {
        rows: { columns: [{ name: 'driver_id', type: 'STRING' }], rows: [['1']] },
        entities: [{ entity: 'driver' }],
      };
      const input = { features: [{ feature: 'stats:trips' }], spine };
      const [job] = await jobs.submit([{ kind: 'RETRIEVE', resource: null, input, startedBy: 'tester' }]);
      assert.equal((await settleJobs(server)).length, 1);
      const { job: ended } = await server.client.operations.JobRun({ id: job?.id ?? '' });
      assert.equal(ended?.state, 'FAILED');
      assert.equal(ended?.error?.code, 'INVALID_INPUT');
    });
  });
}
