import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, JsonValue } from '@featuregraph/client';
import { materializeView } from '../src/materialization/materialize-view.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { type QdrantStandIn, startQdrantStandIn } from './servers/qdrant-stand-in.ts';
import { rewrittenSources } from './servers/rewritten-source.ts';

/** More than one request to Qdrant holds. */
const drivers = 600;
const [trips] = rewrittenSources({ skip: 'not needed' });
assert.ok(trips);

const definitions = (url: string): DefinitionInput[] => [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { provider: { name: 'neighbours', config: { qdrant: { url } } } },
  { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
  { source: { name: 'trips', files: { paths: ['trips.parquet'] } } },
  {
    featureView: {
      name: 'places',
      entity: 'driver',
      source: 'trips',
      eventTimestamp: 'moved_at',
      features: [{ name: 'place', type: 'VECTOR(2, L2)' }],
    },
  },
];

describe('a full materialization of embeddings', () => {
  let server: TestServer;
  let standIn: QdrantStandIn;

  before(async () => {
    standIn = await startQdrantStandIn();
    server = await startTestServer();
    await moveAll(1);
    await server.client.apply(definitions(standIn.url));
    assert.deepEqual(await settleJobs(server), []);
    assert.deepEqual(await places(), { 1: drivers });
  });
  after(async () => {
    await server.stop();
    await standIn.stop();
  });

  /** All drivers are at one place from now on, in the source. */
  async function moveAll(place: number): Promise<void> {
    const columns = `range AS driver_id, TIMESTAMP '2024-01-01' AS moved_at, [CAST(${place} AS float), 0] AS place`;
    await trips?.write(`SELECT ${columns} FROM range(${drivers})`, server);
  }

  /** How many drivers a search finds at each place. */
  async function places(): Promise<Record<string, number>> {
    const found = await server.client.nearest('places:place', { vector: [0, 0] }, { k: 1_000 });
    const counts: Record<string, number> = {};
    for (const { score } of found) counts[score] = (counts[score] ?? 0) + 1;
    return counts;
  }

  async function push(driver: number, place: JsonValue): Promise<void> {
    const row = { driver_id: driver, moved_at: '2024-02-01T00:00:00Z', place };
    await server.client.operations.PushFeatures({ view: 'places', rows: [row] });
  }

  async function materialize(to?: string): Promise<string> {
    const { materialize } = await server.client.operations.Materialize({ views: ['places'], ...(to && { to }) });
    return materialize[0]?.id ?? '';
  }

  /** Does something once, before the third request that writes points is answered: some are written, some are not. */
  function halfWay(act: () => Promise<void>): void {
    let writes = 0;
    standIn.beforeAnswer = async (request) => {
      if (/^PUT \/collections\/[^/]+\/points$/.test(request) && ++writes === 3) await act();
    };
  }

  /** Stops the next materialization half way; resolves when it is there, with what lets it go on. */
  function stopHalfWay(): Promise<() => void> {
    return new Promise((isThere) => halfWay(() => new Promise((goOn) => isThere(goOn))));
  }

  async function ended(id: string) {
    const { job } = await server.client.operations.Job({ id });
    assert.ok(job && job.state !== 'PENDING' && job.state !== 'RUNNING', `the job is ${job?.state}`);
    return job;
  }

  async function collections(): Promise<number> {
    const { result } = (await (await fetch(`${standIn.url}/collections`)).json()) as {
      result: { collections: unknown[] };
    };
    return result.collections.length;
  }

  test('is seen in one step, and pushes meanwhile at once', async () => {
    await moveAll(2);
    const stopped = stopHalfWay();
    const job = await materialize();
    const goOn = await stopped;
    assert.deepEqual(await places(), { 1: drivers });
    await push(9_999, [50, 0]);
    await push(5, [60, 0]);
    assert.deepEqual(await places(), { 1: drivers - 1, 50: 1, 60: 1 });
    await push(6, null);
    assert.deepEqual(await places(), { 1: drivers - 2, 50: 1, 60: 1 });
    goOn();
    const before = JSON.stringify({ 1: drivers - 2, 50: 1, 60: 1 });
    const afterwards = JSON.stringify({ 2: drivers - 2, 50: 1, 60: 1 });
    let seen = before;
    for (; seen === before; seen = JSON.stringify(await places()));
    assert.equal(seen, afterwards);
    await eventually(async () => assert.equal((await ended(job)).state, 'SUCCEEDED'));
    assert.equal(JSON.stringify(await places()), afterwards);
    assert.equal(await collections(), 1);
  });

  test('changes nothing when it is cancelled', async () => {
    const served = await places();
    await moveAll(3);
    const stopped = stopHalfWay();
    const job = await materialize();
    const goOn = await stopped;
    const updates = server.subscribe('subscription ($id: ID!) { jobUpdates(filter: { ids: [$id] }) { state } }', {
      id: job,
    });
    await updates.next();
    await server.client.operations.CancelJob({ id: job });
    // Who runs the job has been told when others are.
    for await (const { data } of updates) if (JSON.stringify(data).includes('CANCELLED')) break;
    goOn();
    await eventually(async () => assert.equal(await collections(), 1));
    assert.equal((await ended(job)).state, 'CANCELLED');
    assert.deepEqual(await places(), served);
  });

  test('shows nothing of an attempt that failed, and all of the next', async () => {
    const served = await places();
    await moveAll(4);
    let seen: Promise<unknown> | undefined;
    halfWay(() => {
      seen = places();
      return Promise.reject(new Error('cut'));
    });
    const job = await materialize();
    await eventually(async () => assert.equal((await ended(job)).attempts, 2));
    assert.deepEqual(await seen, served);
    assert.deepEqual([(await ended(job)).state, await places()], ['SUCCEEDED', { 4: drivers - 2, 50: 1, 60: 1 }]);
  });

  test('waits for another of its view', async () => {
    await moveAll(5);
    const stopped = stopHalfWay();
    const first = await materialize();
    const goOn = await stopped;
    const second = await materialize('2024-03-01T00:00:00Z');
    goOn();
    await eventually(async () => {
      const [one, other] = [await ended(first), await ended(second)];
      assert.deepEqual([one.state, one.attempts, other.state, other.attempts], ['SUCCEEDED', 1, 'SUCCEEDED', 1]);
      assert.ok((other.startedAt ?? '') >= (one.finishedAt ?? 'z'));
    });
    assert.deepEqual(await places(), { 5: drivers - 2, 50: 1, 60: 1 });
  });

  test('is tried again when a worker that was held for dead writes the view as well', async () => {
    await moveAll(6);
    const stopped = stopHalfWay();
    const job = await materialize();
    const goOn = await stopped;
    const { registry, stores } = server.process.application;
    const range = { to: BigInt(Date.now()) * 1_000n };
    const context = { signal: new AbortController().signal, progress: () => {} };
    const view = registry.get('FEATURE_VIEW', 'places');
    const { rows } = await materializeView(stores, registry.catalog, view, range, context);
    assert.equal(rows, drivers);
    assert.deepEqual(await places(), { 6: drivers - 2, 50: 1, 60: 1 });
    await moveAll(7);
    goOn();
    await eventually(async () => assert.equal((await ended(job)).state, 'SUCCEEDED'));
    const { attempts } = await ended(job);
    assert.deepEqual([attempts, await places()], [2, { 7: drivers - 2, 50: 1, 60: 1 }]);
  });
});
