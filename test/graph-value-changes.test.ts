import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonValue } from '@featuregraph/client';
import { announcerTiming } from '../src/serving/value-announcer.ts';
import { keyText } from '../src/serving/value-change.ts';
import { entityKey } from '../src/serving/view-rows.ts';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { assertWithin } from './servers/within.ts';

const keyOf = (driver: bigint) => keyText(entityKey(['INT64'], [driver]) ?? new Uint8Array());

describe('what changes online values', () => {
  let server: TestServer;

  before(async () => {
    server = await startDriversServer({ variables: { FEATUREGRAPH_LOG_LEVEL: 'silent' } });
  });
  after(() => server.stop());

  function watch(view: string, ...drivers: bigint[]) {
    const { registry, valueChanges } = server.process.application;
    return valueChanges.watch(new Set([registry.get('FEATURE_VIEW', view).id]), new Set(drivers.map(keyOf)));
  }

  const row = { happened_at: '2024-05-01T00:00:00Z', recorded_at: '2024-05-01T00:00:00Z', rating: 1, city: 'Oslo' };
  const push = async (...rows: Record<string, JsonValue>[]) =>
    (await server.client.operations.PushFeatures({ view: 'driver_stats', rows })).pushFeatures;

  async function announcedOf(view: string): Promise<unknown[]> {
    const { database, registry, valueChanges } = server.process.application;
    await valueChanges.flush();
    const rows = await database.kysely
      .selectFrom('change')
      .select('payload')
      .where('topic', '=', 'VALUES')
      .where('subject', '=', registry.get('FEATURE_VIEW', view).id)
      .orderBy('seq')
      .execute();
    return rows.map(({ payload }) => payload);
  }

  test('a push is announced within a second with its keys, and only to who watches one', async () => {
    const [mine, others] = [watch('driver_stats', 50n), watch('driver_stats', 52n)];
    const unmoved = others.next();
    const from = performance.now();
    assert.deepEqual(await push({ ...row, driver_id: 50, trips: 1 }, { ...row, driver_id: 51, trips: 1 }), {
      written: 2,
      stale: 0,
    });
    const { value } = await mine.next();
    assertWithin(1_000, performance.now() - from);
    assert.deepEqual([...value.keys], [keyOf(50n)]);
    assert.deepEqual((await announcedOf('driver_stats')).at(-1), { keys: [keyOf(50n), keyOf(51n)] });
    assert.equal(await Promise.race([unmoved, delay(200, 'nothing')]), 'nothing');
    await Promise.all([mine.return?.(), others.return?.()]);
  });

  test('a stale push, and one that is refused, is not announced', async () => {
    await push({ ...row, driver_id: 60, trips: 1 });
    const before = await announcedOf('driver_stats');
    const older = { ...row, happened_at: '2024-04-30T00:00:00Z', driver_id: 60, trips: 2 };
    assert.deepEqual(await push(older), { written: 0, stale: 1 });
    await assert.rejects(push({ ...row, driver_id: 61, trips: 'many' }));
    assert.deepEqual(await announcedOf('driver_stats'), before);
  });

  test('many pushes at once are few changes, and whoever reads after one finds what was pushed', async () => {
    const before = (await announcedOf('driver_stats')).length;
    const drivers = Array.from({ length: 200 }, (_, at) => BigInt(1_000 + at));
    const pending = new Set(drivers.map(keyOf));
    const changes = watch('driver_stats', ...drivers);
    const reading = (async () => {
      for await (const { keys } of changes) {
        const values = drivers.filter((driver) => keys.has(keyOf(driver))).map(Number);
        const answer = await server.client.onlineFeatures({ features: [{ feature: 'driver_stats:city' }] }, [
          { joinKey: 'driver_id', values },
        ]);
        assert.deepEqual(new Set(answer.columns[0]?.values), new Set(['Oslo']));
        for (const key of keys) pending.delete(key);
        if (pending.size === 0) return;
      }
    })();
    const from = performance.now();
    await Promise.all(drivers.map((driver_id) => push({ ...row, driver_id: Number(driver_id), trips: 1 })));
    await reading;
    const appended = (await announcedOf('driver_stats')).length - before;
    const most = 1 + (performance.now() - from) / announcerTiming.gatherMs;
    assert.ok(appended <= most, `${appended} changes, and ${most} at most`);
  });

  test('a materialization is announced before its job has succeeded; one that writes nothing is not', async () => {
    const materialize = async () => {
      await server.client.operations.Materialize({ views: ['driver_stats'] });
      assert.deepEqual(await settleJobs(server), []);
    };
    const changes = watch('driver_stats', 9n);
    await appendFile(join(server.dataRoot, 'stats.csv'), '1,2024-06-01T10:00:00,2024-06-01T10:05:00,8,4.5,Rome\n');
    await materialize();
    const { value } = await changes.next();
    assert.deepEqual([...value.keys], [keyOf(9n)]);
    assert.deepEqual((await announcedOf('driver_stats')).at(-1), { keys: 'ALL' });
    const { kysely } = server.process.application.database;
    const newestFirst = await kysely.selectFrom('change').select('topic').orderBy('seq', 'desc').limit(2).execute();
    const topics = newestFirst.map(({ topic }) => topic);
    assert.deepEqual(topics, ['RESOURCE', 'JOB'], 'something was announced after the job had succeeded');
    for (const driver_id of [1, 2, 3]) await push({ ...row, happened_at: '2025-01-01T00:00:00Z', driver_id, trips: 1 });
    const pushed = await announcedOf('driver_stats');
    await materialize();
    assert.deepEqual(await announcedOf('driver_stats'), pushed);
    await changes.return?.();
  });

  test('a materialization that fails after it has written something is announced', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => `${at},2024-01-01T00:00:00`);
    await writeFile(join(server.dataRoot, 'shapes.csv'), ['driver_id,happened_at', ...rows].join('\n'));
    // One of them has one component too many, in another batch than most.
    const sql =
      'select driver_id, happened_at, cast(case when driver_id = 19999 then [1, 2, 3] else [1, 2] end as float[]) as shape from {{ shape_rows }}';
    await server.client.apply([
      { source: { name: 'shape_rows', files: { paths: ['shapes.csv'] } } },
      { source: { name: 'shapes', transformation: { sql } } },
      {
        featureView: {
          name: 'driver_shapes',
          entity: 'driver',
          source: 'shapes',
          eventTimestamp: 'happened_at',
          features: [{ name: 'shape', type: 'VECTOR(2, L2)' }],
        },
      },
    ]);
    const changes = watch('driver_shapes', 1n);
    const [failed] = await settleJobs(server, 60);
    assert.match(failed ?? '', /components/);
    assert.deepEqual([...(await changes.next()).value.keys], [keyOf(1n)]);
    await changes.return?.();
  });
});
