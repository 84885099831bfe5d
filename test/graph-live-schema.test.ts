import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { type Client, createClient } from 'graphql-ws';
import { pino } from 'pino';
import { LiveSchema } from '../server/live-schema.ts';
import { driversWorld, settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { fetchSdl } from './servers/gateways.ts';
import { assertWithin } from './servers/within.ts';

describe('the graph of a registry that changes', () => {
  let server: TestServer;
  let socket: Client;

  before(async () => {
    server = await startTestServer();
    socket = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply(driversWorld);
    assert.deepEqual(await settleJobs(server), []);
    await withinASecond(async () => assert.deepEqual(await trips(), { trips: 7 }));
  });
  after(async () => {
    await socket.dispose();
    await server.stop();
  });

  async function withinASecond(holds: () => Promise<void>): Promise<void> {
    const began = performance.now();
    await eventually(holds);
    const took = performance.now() - began;
    assertWithin(1_000, took);
  }

  async function trips(): Promise<unknown> {
    const { data, errors } = await server.graphql('{ driver(driverId: 1) { driverStats { trips } } }');
    assert.equal(errors, undefined, JSON.stringify(errors));
    return (data.driver as { driverStats: unknown }).driverStats;
  }

  /** What clients of `/graphql` see of a type: nothing, or its words and the fields that are there with them. */
  async function seen(name: string) {
    const query = `query ($name: String!) { __type(name: $name) {
      description fields(includeDeprecated: true) { name description deprecationReason }
    } }`;
    const { __type } = (await server.graphql(query, { name })).data;
    type Words = { description: string | null; deprecationReason: string | null };
    const type = __type as { description: string; fields: (Words & { name: string })[] } | null;
    return type && { ...type, fields: Object.fromEntries(type.fields.map(({ name, ...words }) => [name, words])) };
  }

  const sdl = () => fetchSdl(`${server.url}/subgraph`);

  const thing = (name: string): DefinitionInput[] => [
    { entity: { name, joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
    {
      featureView: {
        name: `${name}_facts`,
        entity: name,
        source: 'stats',
        features: [{ name: 'trips', type: 'INT64' }],
      },
    },
  ];

  async function forget(name: string): Promise<void> {
    await server.client.operations.DeleteResource({ kind: 'FEATURE_VIEW', ref: `${name}_facts` });
    await server.client.operations.DeleteResource({ kind: 'ENTITY', ref: name });
  }

  test('has what was registered within a second, and has what was deleted no longer', async () => {
    await server.client.apply(thing('courier'));
    await withinASecond(async () => {
      assert.ok((await seen('Courier'))?.fields.courierFacts);
      assert.match(await sdl(), /^type CourierCourierFacts \{$/m);
    });
    const question = '{ courier(driverId: 1) { courierFacts { trips } } }';
    assert.equal((await server.graphql(question)).errors, undefined);
    await forget('courier');
    await withinASecond(async () => {
      assert.equal(await seen('Courier'), null);
      assert.doesNotMatch(await sdl(), /Courier/);
    });
    const { errors } = await server.graphql(question);
    assert.equal(errors?.[0]?.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  });

  test('has what was changed in place within a second', async () => {
    const update = (kind: 'FEATURE_VIEW' | 'FEATURE', ref: string, patch: object) =>
      server.client.operations.UpdateResource({ kind, ref, patch });
    await update('FEATURE_VIEW', 'driver_stats', { description: 'Days of a driver.', tags: ['days'] });
    await withinASecond(async () => {
      assert.match((await seen('DriverDriverStats'))?.description ?? '', /^Days of a driver\./);
      assert.match(await sdl(), /"""\nDays of a driver\.[^"]*"""\ntype DriverDriverStats @tag\(name: "days"\)/);
    });
    await update('FEATURE', 'driver_stats:rating', {
      deprecated: 'Use the median.',
      tags: ['mean'],
      description: 'Mean.',
    });
    await withinASecond(async () => {
      const { rating } = (await seen('DriverDriverStats'))?.fields ?? {};
      assert.equal(rating?.deprecationReason, 'Use the median.');
      assert.match(rating?.description ?? '', /^Mean\./);
      assert.match(await sdl(), /rating: Float @deprecated\(reason: "Use the median\."\) @tag\(name: "mean"\)/);
    });
    await update('FEATURE', 'driver_stats:rating', { deprecated: null });
    await withinASecond(async () => {
      assert.equal((await seen('DriverDriverStats'))?.fields.rating?.deprecationReason, null);
      assert.match(await sdl(), /rating: Float @tag/);
    });
  });

  test('is made anew once or twice for 50 changes at once', async (context) => {
    const { registry } = server.process.application;
    let swaps = -1;
    const live = new LiveSchema(registry, pino({}, { write: () => void swaps++ }));
    context.after(() => live.stop());
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        server.client.operations.UpdateResource({
          kind: 'ENTITY',
          ref: 'driver',
          patch: { description: `Who drives, said ${at} times.` },
        }),
      ),
    );
    await eventually(async () => {
      const { description } = registry.get('ENTITY', 'driver');
      assert.equal(live.full.getType('Driver')?.description, description);
    });
    const most = 1 + Math.ceil((performance.now() - began) / 500);
    assert.ok(swaps >= 1 && swaps <= most, `${swaps} swaps`);
  });

  /** What a subscription gives under its field, as it comes; `end` fails when it has failed or ended by itself. */
  function gathered<T>(field: string, query: string): { values: T[]; end(): void } {
    const values: T[] = [];
    const problems: unknown[] = [];
    const unsubscribe = socket.subscribe<Record<string, T>>(
      { query },
      {
        next: ({ data, errors }) => {
          if (errors) problems.push(...errors);
          if (data?.[field]) values.push(data[field]);
        },
        error: (error) => problems.push(error),
        complete: () => problems.push('it is over'),
      },
    );
    const end = () => {
      assert.deepEqual(problems, []);
      unsubscribe();
    };
    return { values, end };
  }

  /** Asks again and again, until it is ended; answers then with how long each took, in milliseconds. */
  function asking(): { end(): Promise<number[]> } {
    let isOver = false;
    const times: number[] = [];
    const asked = [1, 2].map(async () => {
      while (!isOver) {
        const began = performance.now();
        await trips();
        times.push(performance.now() - began);
      }
    });
    const end = async () => {
      isOver = true;
      await Promise.all(asked);
      return times;
    };
    return { end };
  }

  test('changes under requests and subscriptions, none of which fails, waits long or ends', async () => {
    const jobs = gathered<{ ref: string }>('jobUpdates', 'subscription { jobUpdates { ref } }');
    const values = gathered<{ driverStats: { trips: number } }>(
      'driverChanged',
      'subscription { driverChanged(keys: [{ driverId: 1 }], minimumIntervalMs: 50) { driverStats { trips } } }',
    );
    const requests = asking();
    const last = 29;
    for (let round = 0; round <= last; round++) {
      await server.client.apply(thing(`thing_${round}`));
      const happened_at = new Date(Date.UTC(2030, 0, 1) + round).toISOString();
      const row = { driver_id: 1, happened_at, trips: 100 + round, rating: null, city: null };
      await server.client.operations.PushFeatures({ view: 'driver_stats', rows: [row] });
    }
    await eventually(async () => {
      assert.ok(await seen(`Thing${last}`));
      assert.equal(values.values.at(-1)?.driverStats.trips, 100 + last);
      assert.ok(jobs.values.some(({ ref }) => ref === `thing_${last}_facts@v1`));
    });
    const times = await requests.end();
    jobs.end();
    values.end();
    assert.ok(times.length > 100, `${times.length} requests`);
    assertWithin(1_000, Math.max(...times), 'a request');
  });
});
