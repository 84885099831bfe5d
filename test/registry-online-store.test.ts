import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { driver, settleJobs, statsSource, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { refusal } from './servers/refusal.ts';

type View = NonNullable<DefinitionInput['featureView']>;

const view = (name: string, more: Partial<View> = {}): DefinitionInput => ({
  featureView: {
    name,
    entity: 'driver',
    source: 'stats',
    eventTimestamp: 'happened_at',
    features: [{ name: 'trips', type: 'INT64' }],
    ...more,
  },
});

describe('a view without an online store', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    const warehouse: DefinitionInput = { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } };
    await server.client.apply([warehouse, driver, statsSource, view('early')]);
    await server.client.apply([
      { provider: { name: 'one', config: { lmdb: { path: 'one' } } } },
      { provider: { name: 'other', config: { lmdb: { path: 'other' } } } },
    ]);
  });
  after(() => server.stop());

  const planned = async (definition: DefinitionInput) => {
    const { steps, issues } = await server.client.plan([definition]);
    return steps.map(({ action, changes }) => ({ action, changes, issues }));
  };
  const storeOf = async (name: string) =>
    (await server.graphql(`{ featureView(ref: "${name}") { status onlineStore { ref } } }`)).data.featureView;

  test('is said by null where several stores could serve', async () => {
    const left = await refusal(server.client.apply([view('unsaid')]));
    assert.match(left.issues[0]?.message ?? '', /Several providers can serve as online store/);
    const { jobs } = await server.client.apply([view('offline', { onlineStore: null })]);
    assert.deepEqual(jobs, []);
    assert.deepEqual(await storeOf('offline'), { status: 'READY', onlineStore: null });
    assert.deepEqual(server.process.application.registry.get('FEATURE_VIEW', 'offline').definition.onlineStore, null);
  });

  test('is said by null where there is one store, too', async () => {
    const alone = await startTestServer();
    try {
      await writeDriversFiles(alone.dataRoot);
      const provider = (name: string, config: object) => ({ provider: { name, config } }) as DefinitionInput;
      const stores = [provider('warehouse', { duckdb: { threads: 1 } }), provider('latest', { lmdb: {} })];
      const applied = await alone.client.apply([
        ...stores,
        driver,
        statsSource,
        view('offline', { onlineStore: null }),
        view('online'),
      ]);
      assert.deepEqual(
        applied.jobs.map(({ ref }) => ref),
        ['online@v1'],
      );
    } finally {
      await alone.stop();
    }
  });

  test('goes on being that when it is registered again, whether it says so or not', async () => {
    for (const onlineStore of [null, undefined]) {
      const more = onlineStore === undefined ? {} : { onlineStore };
      for (const name of ['offline', 'early'])
        assert.deepEqual(await planned(view(name, more)), [{ action: 'UNCHANGED', changes: [], issues: [] }], name);
    }
    assert.deepEqual(await planned(view('offline', { onlineStore: 'one' })), [
      {
        action: 'CONFLICT',
        changes: [{ path: 'onlineStore', before: null, after: 'one@v1', inPlace: false }],
        issues: [
          {
            path: 'definitions[0].onlineStore',
            message: 'offline@v1 is registered with null, not "one@v1".',
            fix: 'Register it as a new variant.',
          },
        ],
      },
    ]);
    await server.client.apply([view('served', { onlineStore: 'one' })]);
    const [step] = await planned(view('served', { onlineStore: null }));
    assert.deepEqual(step?.changes, [{ path: 'onlineStore', before: 'one@v1', after: null, inPlace: false }]);
    assert.deepEqual(await planned(view('served')), [{ action: 'UNCHANGED', changes: [], issues: [] }]);
  });

  test('stays that when something of it changes in place, and after a restart', async () => {
    await server.client.operations.UpdateResource({ kind: 'FEATURE_VIEW', ref: 'offline', patch: { owner: 'me' } });
    const registry = server.process.application.registry;
    assert.equal(registry.get('FEATURE_VIEW', 'offline').definition.onlineStore, null);
    const { database } = server.process.application;
    const rows = await database.kysely
      .selectFrom('resource')
      .select(['name', 'definition'])
      .where('kind', '=', 'FEATURE_VIEW')
      .execute();
    const stored = new Map(rows.map(({ name, definition }) => [name, definition as Record<string, unknown>]));
    assert.equal(stored.get('offline')?.onlineStore, null);
    assert.ok(!Object.hasOwn(stored.get('early') ?? {}, 'onlineStore'));
  });

  test('is refused wherever a store is needed, and trains', async () => {
    const { code } = await refusal(server.client.operations.Materialize({ views: ['offline'] }));
    assert.equal(code, 'INVALID_INPUT');
    const issues = async (definition: DefinitionInput) =>
      (await server.client.plan([definition])).issues.map(({ path }) => path);
    assert.deepEqual(await issues(view('timed', { onlineStore: null, schedule: '0 * * * *' })), [
      'definitions[0].schedule',
    ]);
    assert.deepEqual(await issues({ featureService: { name: 'service', features: [{ feature: 'offline:trips' }] } }), [
      'definitions[0].features[0].feature',
    ]);
    const keys = [{ joinKey: 'driver_id', values: [1] }];
    const select = { features: [{ feature: 'offline:trips' }] };
    assert.equal((await refusal(server.client.onlineFeatures(select, keys))).code, 'INVALID_INPUT');
    const rows = { columns: [{ name: 'driver_id', type: 'INT64' }], rows: [[1]], entities: [{ entity: 'driver' }] };
    const { retrieveHistoricalFeatures } = await server.client.operations.RetrieveHistoricalFeatures({
      select,
      spine: { rows },
    });
    assert.deepEqual(await settleJobs(server), []);
    const { job } = await server.client.operations.JobRun({ id: retrieveHistoricalFeatures.id });
    assert.deepEqual(
      job?.run?.rows.edges.map(({ node }) => node),
      [[1, 7]],
    );
  });
});
