import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, ProviderConfig } from '@featuregraph/client';
import { driver, statsSource, statsView, writeDriversFiles } from '../servers/drivers-world.ts';
import { eventually } from '../servers/eventually.ts';
import { startTestServer, type TestServer } from '../servers/featuregraph.ts';
import { type Fault, faults, TcpProxy } from '../servers/tcp-proxy.ts';
import { assertWithin } from '../servers/within.ts';

/** A server that can be an online store, and how it is configured behind another port. */
export type FaultyServer = { port: number; config(port: number): ProviderConfig };

const deadlineMs = 2_000;
const drivers = [{ joinKey: 'driver_id', values: [1, 9] }];
const both = { features: [{ feature: 'driver_stats:trips' }, { feature: 'driver_steady:trips', alias: 'steady' }] };

/** What users see of an online store that fails, in each way that it can: through HTTP, on a deployment of its own. */
export function describeServingFaults(name: string, start: () => Promise<FaultyServer>): void {
  describe(`featuregraph, when ${name} fails`, () => {
    let server: TestServer;
    let proxy: TcpProxy;

    before(async () => {
      const faulty = await start();
      proxy = await TcpProxy.start(faulty.port);
      const variables = { FEATUREGRAPH_READ_DEADLINE_MS: String(deadlineMs), FEATUREGRAPH_LOG_LEVEL: 'silent' };
      server = await startTestServer({ variables });
      await writeDriversFiles(server.dataRoot);
      await server.client.apply(world(faulty.config(proxy.port)));
      await eventually(async () => assert.deepEqual(await statuses(), [all('PRESENT'), all('PRESENT')]));
    });
    after(async () => {
      await server.stop();
      await proxy.stop();
    });

    /** Of the view in the failing store, then of the one beside it; driver 9 is in neither. */
    async function statuses(): Promise<string[][]> {
      const { columns } = await server.client.onlineFeatures(both, drivers);
      return columns.map((column) => [...column.statuses]);
    }

    for (const fault of faults) {
      test(`${inWords[fault]}, serves all else in time, says what failed, and recovers`, async () => {
        await proxy.set(fault);
        const began = performance.now();
        const answer = await server.client.onlineFeatures(both, drivers);
        const took = performance.now() - began;
        assert.deepEqual(
          answer.columns.map((column) => [...column.statuses]),
          [['ERROR', 'ERROR'], all('PRESENT')],
        );
        assertWithin(deadlineMs + 1_000, took);
        assert.deepEqual(
          answer.failures.map(({ provider }) => provider),
          ['latest@v1'],
        );
        assert.match(answer.failures[0]?.code ?? '', /^(UNAVAILABLE|TIMEOUT)$/);
        assert.doesNotMatch(answer.failures[0]?.message ?? '', new RegExp(`127\\.0\\.0\\.1|${proxy.port}`));
        await proxy.set('PASS');
        await eventually(async () => assert.deepEqual(await statuses(), [all('PRESENT'), all('PRESENT')]));
      });
    }

    test('for long, is left alone: answers come at once', async () => {
      await proxy.set('SILENT');
      await eventually(async () => {
        const began = performance.now();
        assert.deepEqual((await statuses())[0], ['ERROR', 'ERROR']);
        assert.ok(performance.now() - began < deadlineMs / 2);
      });
      await proxy.set('PASS');
      await eventually(async () => assert.deepEqual(await statuses(), [all('PRESENT'), all('PRESENT')]));
    });

    test('while a job writes, has the job try again and finish', async () => {
      await proxy.set('REFUSE');
      const { materialize } = (await server.graphql('mutation { materialize(views: ["driver_stats"]) { id } }'))
        .data as {
        materialize: { id: string }[];
      };
      const state = async () => {
        const { data } = await server.graphql('query ($id: ID!) { job(id: $id) { state attempts } }', {
          id: materialize[0]?.id,
        });
        return data.job as { state: string; attempts: number };
      };
      await eventually(async () => assert.ok((await state()).attempts >= 2));
      await proxy.set('PASS');
      await eventually(async () => assert.equal((await state()).state, 'SUCCEEDED'));
    });

    test('is unhealthy, in words, until it is well again', async () => {
      const health = async () => {
        const { data } = await server.graphql('{ provider(ref: "latest") { health { healthy message } } }');
        return (data.provider as { health: { healthy: boolean; message: string | null } }).health;
      };
      await proxy.set('REFUSE');
      await eventually(async () =>
        assert.match((await health()).message ?? '', /it refuses connections: is it running/),
      );
      await proxy.set('PASS');
      await eventually(async () => assert.deepEqual(await health(), { healthy: true, message: null }));
    });
  });
}

const inWords: Readonly<Record<Fault, string>> = {
  PASS: 'not at all',
  REFUSE: 'by refusing connections',
  RESET: 'in the middle of an answer',
  END: 'by ending the connection in the middle of an answer',
  SILENT: 'by never answering',
  SLOW: 'by answering too late',
};

function all(status: string): string[] {
  return [status, 'NOT_FOUND'];
}

function world(config: ProviderConfig): DefinitionInput[] {
  const view = { ...statsView.featureView, onlineStore: 'latest' };
  return [
    { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
    { provider: { name: 'latest', config } },
    { provider: { name: 'steady', config: { lmdb: {} } } },
    driver,
    { source: { ...statsSource.source, name: 'stats', provider: 'warehouse' } },
    { featureView: { ...view, name: 'driver_stats', entity: 'driver', source: 'stats' } } as DefinitionInput,
    { featureView: { ...view, name: 'driver_steady', onlineStore: 'steady' } } as DefinitionInput,
  ];
}
