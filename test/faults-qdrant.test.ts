import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { driversWorld, providers, settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { startQdrantStandIn } from './servers/qdrant-stand-in.ts';
import { faults, TcpProxy } from './servers/tcp-proxy.ts';
import { assertWithin } from './servers/within.ts';

const deadlineMs = 2_000;
const asked = `{
  near: nearest(feature: "driver_profile:profile", to: { vector: [7, 4.75] }) { keys { value } }
  onlineFeatures(select: { features: [{ feature: "driver_stats:trips" }] }, keys: [{ joinKey: "driver_id", values: [1] }]) {
    columns { values }
  }
}`;

describe('featuregraph, when Qdrant fails', () => {
  let server: TestServer;
  let proxy: TcpProxy;
  let stop: () => Promise<void>;
  let url: string;

  before(async () => {
    const standIn = await startQdrantStandIn();
    stop = () => standIn.stop();
    url = standIn.url;
    proxy = await TcpProxy.start(Number(new URL(standIn.url).port));
    const variables = { FEATUREGRAPH_READ_DEADLINE_MS: String(deadlineMs), FEATUREGRAPH_LOG_LEVEL: 'silent' };
    server = await startTestServer({ variables });
    await writeDriversFiles(server.dataRoot);
    const config = { qdrant: { url: `http://127.0.0.1:${proxy.port}`, timeoutSeconds: 2 } };
    const others = driversWorld.filter((definition) => !providers.includes(definition));
    await server.client.apply([...providers.slice(0, 2), { provider: { name: 'neighbours', config } }, ...others]);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(async () => {
    await server.stop();
    await proxy.stop();
    await stop();
  });

  const well = async () => {
    const { data, errors } = await server.graphql(asked);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(
      data.near,
      [1, 3, 2].map((value) => ({ keys: [{ value }] })),
    );
  };

  test('answers when it is well', well);

  for (const fault of faults) {
    test(`(${fault}), says so in time, serves all else, and recovers`, async () => {
      await proxy.set(fault);
      const began = performance.now();
      const { data, errors } = await server.graphql(asked);
      assertWithin(deadlineMs + 1_000, performance.now() - began);
      assert.equal(errors?.length, 1);
      assert.match(errors?.[0]?.extensions.code ?? '', /^(UNAVAILABLE|TIMEOUT)$/);
      assert.deepEqual(errors?.[0]?.path, ['near']);
      assert.doesNotMatch(errors?.[0]?.message ?? '', /127\.0\.0\.1/);
      assert.deepEqual(data.onlineFeatures, { columns: [{ values: [7] }] });
      await proxy.set('PASS');
      await eventually(well);
    });
  }

  test('(it has lost its data), says so, and is whole again after a materialization', async () => {
    const { collections } = ((await (await fetch(`${url}/collections`)).json()) as Collections).result;
    assert.ok(collections.length > 0);
    for (const { name } of collections) await fetch(`${url}/collections/${name}`, { method: 'DELETE' });
    const { errors } = await server.graphql(asked);
    assert.deepEqual(
      errors?.map(({ path, extensions }) => [path, extensions.code]),
      [[['near'], 'NOT_FOUND']],
    );
    await server.client.operations.Materialize({ views: ['driver_profile'] });
    await eventually(well);
  });
});

type Collections = { result: { collections: { name: string }[] } };
