import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { type DeploymentProcess, startDeploymentProcess } from './servers/deployment-process.ts';
import { eventually } from './servers/eventually.ts';
import { freePort } from './servers/free-port.ts';
import { postgresForTests } from './servers/postgres.ts';
import { openAcknowledged } from './servers/raw-socket.ts';
import { startBalancer } from './servers/tiny-balancer.ts';

const postgres = await postgresForTests();
const skip = 'skip' in postgres ? postgres.skip : false;

describe('a rolling restart', { skip }, () => {
  let home: string;
  const servers: DeploymentProcess[] = [];
  let ports: number[];

  const started = (at: number) =>
    startDeploymentProcess('--server-only', {
      DATABASE_URL: 'url' in postgres ? postgres.url : '',
      FEATUREGRAPH_PORT: String(ports[at]),
      FEATUREGRAPH_DATA_DIRECTORY: join(home, String(at)),
      // A balancer of a busy machine takes a while to notice.
      FEATUREGRAPH_DRAIN_SECONDS: '5',
    });

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    ports = [await freePort(), await freePort()];
    for (const at of ports.keys()) servers[at] = await started(at);
  });
  after(async () => {
    await Promise.all(servers.map(({ kill }) => kill('SIGKILL')));
    await rm(home, { recursive: true, force: true });
    if ('stop' in postgres) await postgres.stop();
  });

  test('loses no request of those that ask all the while', async () => {
    const balancer = await startBalancer(ports.map((port) => `http://127.0.0.1:${port}`));
    let [asked, isOver] = [0, false];
    const failed: string[] = [];
    const query = JSON.stringify({ query: '{ resources(first: 10) { totalCount edges { node { ref } } } }' });
    const client = async () => {
      while (!isOver) {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${balancer.url}/graphql`, { method: 'POST', headers, body: query }).then(
          async (response) => `${response.status} ${await response.text()}`,
          (error: unknown) => String(error),
        );
        asked++;
        if (!answer.startsWith('200 {"data":{"resources":')) failed.push(answer.slice(0, 300));
      }
    };
    const allReady = () => eventually(async () => assert.equal(balancer.ready(), ports.length));
    await allReady();
    const clients = Array.from({ length: 6 }, client);
    for (const at of ports.keys()) {
      const before = asked;
      servers[at]?.child.kill('SIGTERM');
      const [code] = await once(servers[at]?.child as never, 'exit');
      assert.equal(code, 0);
      servers[at] = await started(at);
      // As whoever restarts one after another does.
      await allReady();
      await eventually(async () => assert.ok(asked > before + 50));
    }
    isOver = true;
    await Promise.all(clients);
    await balancer.close();
    assert.deepEqual(failed, []);
    assert.ok(asked > 100, `${asked} were asked`);
  });

  test('says first that it is not ready, answers on, and ends sockets so that they come again', async () => {
    const url = `http://127.0.0.1:${ports[0]}`;
    const raw = await openAcknowledged(url);
    const again = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      retryAttempts: 100,
      shouldRetry: () => true,
      retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
    });
    let connected = 0;
    again.on('connected', () => connected++);
    const changes = again.iterate({ query: 'subscription { resourceChanges { ref } }' });
    const next = changes.next();
    await eventually(async () => assert.equal(connected, 1));
    const exited = once(servers[0]?.child as never, 'exit');
    servers[0]?.child.kill('SIGTERM');
    await eventually(async () => assert.equal((await fetch(`${url}/readyz`)).status, 503), 4_500);
    const body = JSON.stringify({ query: '{ __typename }' });
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await raw.closed).code, 1012);
    assert.deepEqual((await exited)[0], 0);
    servers[0] = await started(0);
    await eventually(async () => assert.equal(connected, 2));
    const entity =
      'mutation { registerEntity(definition: { name: "later", joinKeys: [{ name: "id", type: "INT64" }] }) { ref } }';
    await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: entity }),
    });
    assert.deepEqual((await next).value?.data, { resourceChanges: { ref: 'later@v1' } });
    await again.dispose();
  });

  test('a worker says how it is on a port of its own', async () => {
    const worker = await startDeploymentProcess('--worker-only', {
      DATABASE_URL: 'url' in postgres ? postgres.url : '',
      FEATUREGRAPH_DATA_DIRECTORY: join(home, 'worker'),
      FEATUREGRAPH_HEALTH_PORT: '0',
    });
    assert.match(worker.healthUrl, /^http/);
    for (const path of ['/healthz', '/readyz']) assert.equal((await fetch(`${worker.healthUrl}${path}`)).status, 200);
    assert.equal((await fetch(`${worker.healthUrl}/graphql`)).status, 404);
    worker.child.kill('SIGTERM');
    await worker.kill('SIGTERM');
  });
});
