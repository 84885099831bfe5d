import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type DefinitionInput, FeaturegraphError } from '@featuregraph/client';
import { writeTransaction } from '../src/state/write-transaction.ts';
import { providers, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

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
