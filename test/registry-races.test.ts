import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type DefinitionInput, type Featuregraph, FeaturegraphError } from '@featuregraph/client';
import { writeTransaction } from '../src/state/write-transaction.ts';
import { providers, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { refusal } from './servers/refusal.ts';

const postgres = await postgresForTests();

const stats: DefinitionInput = { source: { name: 'stats', files: { paths: ['stats.csv'] } } };
const reader = (name: string): DefinitionInput => ({
  source: { name, transformation: { sql: 'select * from {{ stats }}' } },
});
const entity = (name: string, type = 'INT64'): DefinitionInput => ({
  entity: { name, joinKeys: [{ name: 'id', type }] },
});

describe('registering at the same time', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ worker: false });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply(providers);
  });
  after(() => server.stop());

  /** No edge leads to nothing, and no reference is twice there. */
  async function consistent(): Promise<Set<string>> {
    const { resources, edges } = await server.process.application.registry.refresh();
    const ids = new Set(resources.map(({ id }) => id));
    for (const { from, to } of edges) assert.ok(ids.has(from) && ids.has(to));
    const refs = resources.map(({ kind, ref }) => `${kind} ${ref}`);
    assert.equal(new Set(refs).size, refs.length);
    const { data } = await server.graphql('{ resources(first: 1000) { edges { node { kind ref } } } }');
    const { edges: seen } = data.resources as { edges: { node: { kind: string; ref: string } }[] };
    assert.deepEqual(seen.map(({ node }) => `${node.kind} ${node.ref}`).toSorted(), refs.toSorted());
    return new Set(refs);
  }

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'APPLIED',
      (error: unknown) => (error instanceof FeaturegraphError ? error.code : String(error)),
    );

  test('comes to all that was asked for, each once', async () => {
    const batches = Array.from({ length: 8 }, (_, at) => [
      entity('shared'),
      stats,
      reader(`own_${at}`),
      reader('common'),
    ]);
    const applied = await Promise.all(batches.map((batch) => server.client.apply(batch)));
    const created = applied.flatMap(({ steps }) => steps.filter(({ action }) => action === 'CREATE'));
    const refs = created.map(({ ref }) => ref);
    assert.equal(new Set(refs).size, refs.length);
    assert.equal(refs.length, 11);
    assert.equal(applied.flatMap(({ jobs }) => jobs).length, 9);
    assert.ok((await consistent()).has('SOURCE own_7@v1'));
  });

  test('lets one of two definitions of the same variant win, and refuses the other', async () => {
    for (let round = 0; round < 5; round++) {
      const codes = await Promise.all(
        ['INT64', 'STRING'].map((type) => codeOf(server.client.apply([entity(`contested_${round}`, type)]))),
      );
      assert.deepEqual(codes.toSorted(), ['APPLIED', 'RESOURCE_CHANGED']);
    }
    await consistent();
  });

  test('never leaves a user behind of what is deleted', async () => {
    const outcomes: string[] = [];
    for (let round = 0; round < 10; round++) {
      const name = `grounds_${round}`;
      await server.client.apply([{ source: { name, files: { paths: ['stats.csv'] } } }]);
      const user = { source: { name: `user_${round}`, transformation: { sql: `select * from {{ ${name} }}` } } };
      const [deleted, applied] = await Promise.all([
        codeOf(server.client.operations.DeleteResource({ kind: 'SOURCE', ref: name })),
        codeOf(server.client.apply([user])),
      ]);
      outcomes.push(`${deleted} ${applied}`);
      const refs = await consistent();
      assert.equal(refs.has(`SOURCE ${name}@v1`), refs.has(`SOURCE user_${round}@v1`));
    }
    for (const outcome of outcomes) assert.match(outcome, /^(APPLIED INVALID_INPUT|IN_USE APPLIED)$/);
  });

  test('ends two changes in place of one resource with both applied, one after the other', async () => {
    const patches = [{ owner: 'one@example.com' }, { description: 'Other.' }, { tags: ['third'] }];
    await Promise.all(
      patches.map((patch) => server.client.operations.UpdateResource({ kind: 'ENTITY', ref: 'shared', patch })),
    );
    const { resource } = await server.client.operations.Resource({ kind: 'ENTITY', ref: 'shared' });
    assert.equal(resource?.owner, 'one@example.com');
    assert.equal(resource?.description, 'Other.');
    assert.deepEqual(resource?.tags, ['third']);
  });

  test('is not held up by jobs that change the status of resources all the time', async () => {
    const { registry, database } = server.process.application;
    const { id } = registry.get('SOURCE', 'common');
    let running = true;
    let changes = 0;
    const busy = (async () => {
      while (running) {
        const status = changes++ % 2 === 0 ? 'RUNNING' : 'READY';
        await writeTransaction(database, (trx) => registry.setStatus(trx, id, status));
        await setImmediate();
      }
    })();
    try {
      for (let round = 0; round < 5; round++)
        assert.equal(await codeOf(server.client.apply([reader(`busy_${round}`), entity(`busy_${round}`)])), 'APPLIED');
    } finally {
      running = false;
      await busy;
    }
    assert.ok(changes > 20, `the status changed ${changes} times only`);
  });
});

describe('registering at the same time what has nothing in common', () => {
  const batches = 40;
  let home: string;
  let servers: TestServer[] = [];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-races-'));
    await writeDriversFiles(home);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    if ('stop' in postgres) await postgres.stop();
    await rm(home, { recursive: true, force: true });
  });

  /** A source that the store is asked about, a view of it, and something that only names what is there. */
  const batch = (at: number): DefinitionInput[] => [
    { source: { name: `stats_${at}`, files: { paths: ['stats.csv'] } } },
    entity(`driver_${at}`),
    {
      featureView: {
        name: `facts_${at}`,
        entity: `driver_${at}`,
        source: `stats_${at}`,
        joinKeys: [{ joinKey: 'id', column: 'driver_id' }],
        features: [{ name: 'trips', type: 'INT64' }],
      },
    },
  ];

  async function allApplied(clients: readonly Featuregraph[], prefix: number): Promise<void> {
    const applied = await Promise.allSettled(
      Array.from({ length: batches }, (_, at) => clients[at % clients.length]?.apply(batch(prefix + at))),
    );
    assert.deepEqual(
      applied.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
      [],
    );
    for (const { process } of servers) {
      const catalog = await process.application.registry.refresh();
      for (let at = prefix; at < prefix + batches; at++)
        assert.ok(catalog.find('FEATURE', `facts_${at}:trips`), `facts_${at}`);
    }
  }

  test('never refuses anyone', async () => {
    servers = [await startTestServer({ worker: false, dataRoot: home })];
    await servers[0]?.client.apply(providers);
    await allApplied(
      servers.map(({ client }) => client),
      0,
    );
    await servers.pop()?.stop();
  });

  test('never refuses anyone, through several processes', {
    skip: 'skip' in postgres ? postgres.skip : false,
  }, async () => {
    const variables = { DATABASE_URL: 'url' in postgres ? postgres.url : '' };
    for (let number = 0; number < 3; number++)
      servers.push(await startTestServer({ worker: false, dataRoot: home, variables }));
    await servers[0]?.client.apply(providers);
    const clients = servers.map(({ client }) => client);
    await allApplied(clients, 1_000);
    const patches = Array.from({ length: 30 }, (_, at) =>
      clients[at % 3]?.operations.UpdateResource({
        kind: 'ENTITY',
        ref: 'driver_1000',
        patch: { tags: [`tag_${at}`] },
      }),
    );
    await Promise.all(patches);
  });

  test('is a conflict that passes where what the stores were asked about kept changing', async () => {
    const server = servers[0] ?? assert.fail();
    const { stores } = server.process.application;
    const open = stores.offline.bind(stores);
    const moving = (variant: number): DefinitionInput => ({
      source: { name: 'moving', variant: `v${variant}`, files: { paths: ['stats.csv'] } },
    });
    await server.client.apply([moving(0)]);
    let [variant, moves] = [0, true];
    // Whenever the store is asked, the source that the SQL names becomes another one.
    stores.offline = async (...provider: Parameters<typeof open>) => {
      if (moves) {
        moves = false;
        await server.client.apply([moving(++variant)]);
        moves = true;
      }
      return open(...provider);
    };
    const user: DefinitionInput = { source: { name: 'user', transformation: { sql: 'select * from {{ moving }}' } } };
    const refused = await refusal(server.client.apply([user]));
    assert.deepEqual([refused.code, refused.retryable], ['CONFLICT', true]);
    stores.offline = open;
    const { steps } = await server.client.apply([user]);
    assert.equal(steps[0]?.action, 'CREATE');
    const job = await server.client
      .trainingSet('nothing')
      .build()
      .catch((error: FeaturegraphError) => error.retryable);
    assert.equal(job, false);
  });
});
