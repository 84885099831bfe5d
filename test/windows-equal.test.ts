import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { OnlineStore } from '../providers/contract/online-store.ts';
import type { Value } from '../providers/contract/value-type.ts';
import { formatDuration } from '../src/registry/duration.ts';
import { quantileError } from '../src/windows/set-states.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { asOffline, atClock, WindowWorldsRun } from './conformance/window-world-run.ts';
import { hour, until, type WindowWorldFeature, windowWorlds, worldFeatures } from './conformance/window-worlds.ts';
import type { OracleEvent } from './oracle/windows.ts';
import { serverPlace } from './redis/places.ts';
import { openDuckdbProcess } from './servers/duckdb.ts';
import { openLmdbPlace } from './servers/lmdb.ts';
import { postgresForTests } from './servers/postgres.ts';
import { openPostgresOffline } from './servers/postgres-offline.ts';
import { onlinePlace } from './servers/postgres-online.ts';
import { redisForTests } from './servers/redis.ts';

const postgres = await postgresForTests();
const redis = await redisForTests();
const skip = 'skip' in postgres ? postgres.skip : 'skip' in redis ? redis.skip : false;

/** Worlds that share a view, a table and a query. */
const worldsAtOnce = 250;
/** Of the whole: 2,000 worlds where a property of a share of 1 has 1,000 cases. */
const share = 2_000 / worldsAtOnce / 1_000;

describe('windows are equal in all stores, and to a naive scan', { skip }, () => {
  const offline: Record<string, OfflineStore> = {};
  const online: Record<string, OnlineStore> = {};
  const closing: (() => Promise<unknown>)[] = [];
  before(async () => {
    if ('skip' in postgres || 'skip' in redis) return;
    const duckdb = await openDuckdbProcess();
    const warehouse = await openPostgresOffline(postgres.url, 'windows');
    offline.DuckDB = duckdb.store;
    offline.PostgreSQL = warehouse.store;
    closing.push(
      () => duckdb.dispose(),
      () => warehouse.dispose(),
    );
    const places = {
      LMDB: await openLmdbPlace(),
      Redis: await serverPlace(redis),
      PostgreSQL: onlinePlace(postgres.url),
    };
    for (const [name, place] of Object.entries(places)) {
      const store = await place.open('windows');
      online[name] = store;
      closing.push(() => store.close().then(() => place.dispose()));
    }
  });
  after(async () => {
    for (const close of closing) await close();
    if ('stop' in postgres) await postgres.stop();
    if ('stop' in redis) await redis.stop();
  });

  let runs = 0;

  async function equalEverywhere(features: WindowWorldFeature[], worlds: Parameters<typeof begin>[1], mark: number) {
    const run = begin(features, worlds, mark);
    await atClock(until, async () => {
      await checkOffline(run, features);
      await checkOnline(run, features, mark);
    });
    await run.dispose(Object.values(offline));
  }

  const begin = (
    features: WindowWorldFeature[],
    worlds: ConstructorParameters<typeof WindowWorldsRun>[2],
    mark: number,
  ) => new WindowWorldsRun(`windows ${++runs}`, features, worlds, formatDuration(lateness(mark)));

  async function checkOffline(run: WindowWorldsRun, features: readonly WindowWorldFeature[]): Promise<void> {
    const plain = asOffline(run.expected());
    const known = asOffline(run.expected({ knownAsOf: true, lag: hour }));
    for (const [name, store] of Object.entries(offline)) {
      await run.arrive(store);
      assertEqual(await run.joined(store), plain, features, `${name} offline`);
      assertEqual(await run.joined(store, { knownAsOf: true, lag: '1h' }), known, features, `${name} as known`);
    }
    const { DuckDB: warehouse } = offline;
    assert.ok(warehouse);
    const earlier = asOffline(run.expected({ lag: hour }));
    assertEqual(await run.joined(warehouse, { lag: '1h' }), earlier, features, 'an hour before');
  }

  /** Some events were there when it was materialized before, the others are pushed, twice; then it is materialized again. */
  async function checkOnline(
    run: WindowWorldsRun,
    features: readonly WindowWorldFeature[],
    mark: number,
  ): Promise<void> {
    const { DuckDB: warehouse } = offline;
    assert.ok(warehouse);
    const handover = until - 2n * hour;
    const inSource = ({ time }: OracleEvent) => time <= handover;
    const pushed = ({ time }: OracleEvent) => time > handover;
    const inTime = ({ time }: OracleEvent) => time <= handover || time >= until - lateness(mark);
    const instants = [until, until - lateness(mark), until + 1n, until + 40n * hour];
    const answerable = instants.filter((instant) => instant >= until - lateness(mark));
    const atHandover = run.expectedAt(handover, inSource);
    const oncePushed = answerable.map((instant) => run.expectedAt(instant, inTime));
    const atLast = instants.map((instant) => run.expectedAt(instant));
    for (const [name, store] of Object.entries(online)) {
      const early = await atEarlier(async () => {
        await run.materialize(warehouse, store, handover);
        return run.served(store, handover);
      });
      assertEqual(early, atHandover, features, `${name} at the handover`);
      const first = await run.push(store, pushed);
      const again = await run.push(store, pushed);
      assert.deepEqual(again, { written: 0, stale: first.written + first.stale, late: first.late });
      for (const [at, instant] of answerable.entries())
        assertEqual(await run.served(store, instant), oncePushed[at] ?? [], features, `${name} pushed, at ${instant}`);
      await run.materialize(warehouse, store, until);
      for (const [at, instant] of instants.entries())
        assertEqual(await run.served(store, instant), atLast[at] ?? [], features, `${name} at ${instant}`);
    }
  }

  async function atEarlier<T>(work: () => Promise<T>): Promise<T> {
    const { mock } = await import('node:test');
    mock.timers.setTime(Number((until - 2n * hour) / 1_000n));
    const done = await work();
    mock.timers.setTime(Number(until / 1_000n));
    return done;
  }

  test('when many push to the same keys at once: nothing is lost', async () => {
    const seed = 7;
    const [features = []] = fc.sample(worldFeatures, { seed, numRuns: 1 });
    const run = begin(features, fc.sample(windowWorlds, { seed, numRuns: 20 }), 0);
    const inTime = ({ time }: OracleEvent) => time >= until - lateness(0);
    await atClock(until, async () => {
      const expected = run.expectedAt(until, inTime);
      for (const [name, store] of Object.entries(online)) {
        const writers = Array.from({ length: 8 }, (_, at) => at);
        await Promise.all(writers.map((at) => run.push(store, ({ time }) => Number(time % 8n) === at)));
        assertEqual(await run.served(store, until), expected, features, `${name}, pushed at once`);
      }
    });
  });

  test('in random worlds', async () => {
    // Of so many worlds a failure tells the seed, and which of them it is.
    const drawn = fc.asyncProperty(fc.noBias(fc.integer()), async (seed) => {
      const [features = []] = fc.sample(worldFeatures, { seed, numRuns: 1 });
      await equalEverywhere(features, fc.sample(windowWorlds, { seed, numRuns: worldsAtOnce }), Math.abs(seed) % 3);
    });
    await fc.assert(drawn, { ...propertyRuns(share), endOnFailure: true });
  });
});

/** How late an event may be, and how far back one may ask. */
function lateness(mark: number): bigint {
  return [hour, 3n * hour, 60n * 1_000_000n][mark] ?? hour;
}

function assertEqual(
  actual: readonly (readonly unknown[])[],
  expected: readonly (readonly unknown[])[],
  features: readonly WindowWorldFeature[],
  where: string,
): void {
  assert.equal(actual.length, expected.length);
  const isQuantile = features.map(({ asked }) => asked.function === 'QUANTILE');
  for (const [row, values] of expected.entries()) {
    for (const [at, value] of values.entries()) {
      const other = actual[row]?.[at];
      if (isSame(other, value, isQuantile[at] === true)) continue;
      const definition = JSON.stringify(features[at]?.definition);
      assert.fail(`${where}, row ${row}, ${definition}: ${show(other)} is not ${show(value)}`);
    }
  }
}

/** A quantile is near the value of its rank, and else everything is the same to the bit; so is the order of a map's keys. */
function isSame(actual: unknown, expected: unknown, isQuantile: boolean): boolean {
  if (actual instanceof Map && expected instanceof Map) {
    const others = [...actual.values()];
    const areSame = [...expected.values()].every((value, at) => isSame(others[at], value, isQuantile));
    return areSame && isDeepStrictEqual([...actual.keys()], [...expected.keys()]);
  }
  return (isQuantile && isNear(actual, expected)) || isDeepStrictEqual(actual, expected);
}

function isNear(actual: unknown, exact: unknown): boolean {
  if (typeof actual !== 'number' || typeof exact !== 'number') return Object.is(actual, exact);
  return Object.is(actual, exact) || Math.abs(actual - exact) <= Math.abs(exact) * quantileError * 1.0001 + 1e-307;
}

function show(value: unknown): string {
  if (value instanceof Map) return `{${[...value].map(show).join(', ')}}`;
  return Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value as Value);
}
