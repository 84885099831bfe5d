import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { keyText } from '../src/serving/value-change.ts';
import { type ValueChange, ValueChanges } from '../src/serving/value-changes.ts';
import { ChangeFeed, purgeChanges } from '../src/state/change-feed.ts';
import type { Database } from '../src/state/database.ts';
import { eventually } from './servers/eventually.ts';
import { postgresForTests } from './servers/postgres.ts';
import { describeStateEngines } from './servers/state-engines.ts';

const key = (name: string) => new TextEncoder().encode(name);
const texts = (...names: string[]) => new Set(names.map((name) => keyText(key(name))));
const names = (change: ValueChange) => [...change.keys].map((text) => Buffer.from(text, 'base64').toString()).sort();
const timing = { gatherMs: 50, allEveryMs: 2_000, retryMs: 100 };

describeStateEngines('changes of values', await postgresForTests(), ({ name, open }) => {
  /** As two processes have them; the embedded database is one process's only. */
  const databases: Database[] = [];
  const feeds: ChangeFeed[] = [];
  const warnings: string[] = [];
  const logger = { info: () => {}, warn: (_: object, message: string) => warnings.push(message), error: () => {} };
  let [here, there]: ValueChanges[] = [];

  before(async () => {
    databases.push(await open());
    databases.push(name === 'embedded' ? databaseOf(0) : await open());
    for (const database of databases) feeds.push(new ChangeFeed(database));
    for (const feed of feeds) await feed.start();
    [here, there] = databases.map((database, at) => new ValueChanges(database, feedOf(at), { timing, logger }));
  });
  after(async () => {
    await here?.close();
    await there?.close();
    for (const feed of feeds) await feed.stop();
    for (const database of new Set(databases)) await database.close();
  });

  function databaseOf(at: number): Database {
    const database = databases[at];
    assert.ok(database);
    return database;
  }

  function feedOf(at: number): ChangeFeed {
    const feed = feeds[at];
    assert.ok(feed);
    return feed;
  }

  function both(): [ValueChanges, ValueChanges] {
    assert.ok(here && there);
    return [here, there];
  }

  async function announced(view: string): Promise<unknown[]> {
    const rows = await databaseOf(0)
      .kysely.selectFrom('change')
      .select('payload')
      .where('topic', '=', 'VALUES')
      .where('subject', '=', view)
      .orderBy('seq')
      .execute();
    return rows.map(({ payload }) => payload);
  }

  async function nextOf(watch: AsyncIterator<ValueChange>): Promise<ValueChange> {
    const result = await watch.next();
    assert.ok(result.done !== true, 'the watch has ended');
    return result.value;
  }

  test('each hears of what the other announces, once, and only of what it watches', async () => {
    const [one, other] = both();
    const watches = [one, other].map((changes) => changes.watch(new Set(['seen', 'quiet']), texts('jfk', 'lga')));
    one.announce('unseen', [key('jfk')]);
    one.announce('seen', [key('ewr')]);
    one.announce('seen', []);
    await one.flush();
    other.announce('seen', [key('ewr'), key('jfk')]);
    for (const watch of watches) {
      const change = await nextOf(watch);
      assert.deepEqual([...change.views], ['seen']);
      assert.deepEqual(names(change), ['jfk']);
      const more = watch.next();
      assert.equal(await Promise.race([more, delay(150, 'nothing')]), 'nothing');
      await watch.return?.();
      assert.equal((await more).done, true);
    }
    assert.deepEqual(await announced('seen'), [{ keys: [keyText(key('ewr'))] }, { keys: [...texts('ewr', 'jfk')] }]);
  });

  test('a burst of pushes is one change, without repetitions; from 1,000 keys on it is ALL', async () => {
    const gathering = new ValueChanges(databaseOf(0), feedOf(0), { timing: { ...timing, gatherMs: 86_400_000 } });
    for (let at = 0; at < 3_000; at++) gathering.announce('burst', [key(`${at % 1_000}`)]);
    assert.deepEqual(await announced('burst'), [], 'nothing is appended while the push waits');
    gathering.announce(
      'flood',
      Array.from({ length: 1_001 }, (_, at) => key(`${at}`)),
    );
    gathering.announce('flood', [key('late')]);
    await gathering.flush();
    const everyKey = [...texts(...Array.from({ length: 1_000 }, (_, at) => `${at}`))];
    assert.deepEqual(await announced('burst'), [{ keys: everyKey }]);
    assert.deepEqual(await announced('flood'), [{ keys: 'ALL' }]);
    await gathering.close();
  });

  test('ALL of a view comes at once, and single keys do not wait for the next', async () => {
    const [, other] = both();
    const patient = new ValueChanges(databaseOf(0), feedOf(0), { timing: { ...timing, allEveryMs: 86_400_000 } });
    const watch = other.watch(new Set(['begun']), texts('jfk'));
    patient.announce('begun', 'ALL');
    await nextOf(watch);
    patient.announce('begun', [key('jfk')]);
    await nextOf(watch);
    await watch.return?.();
    await patient.close();
  });

  test('ALL of a view comes now and then while it goes on, and last of all', async () => {
    const [one] = both();
    const from = performance.now();
    const count = async () => (await announced('filled')).length;
    for (; (await count()) < 2; await delay(10)) one.announce('filled', 'ALL');
    one.announce('filled', 'ALL');
    await eventually(async () => assert.ok((await count()) >= 3));
    const most = 1 + (performance.now() - from) / timing.allEveryMs;
    assert.ok((await count()) <= most, `${await count()} times, and ${most} at most`);
  });

  test('what a slow reader misses becomes one change, and nothing is lost', async () => {
    const [one, other] = both();
    const watched = Array.from({ length: 20 }, (_, at) => `airport ${at}`);
    const watch = other.watch(new Set(['delays', 'weather']), texts(...watched));
    for (const [at, airport] of watched.entries()) {
      one.announce(at % 2 === 0 ? 'delays' : 'weather', [key(airport), key('elsewhere')]);
      if (at % 5 === 0) await one.flush();
    }
    await one.flush();
    one.announce('delays', 'ALL');
    await one.flush();
    const { seq } = await databaseOf(0)
      .kysely.selectFrom('change')
      .select((eb) => eb.fn.max('seq').as('seq'))
      .executeTakeFirstOrThrow();
    while (feedOf(1).lastSeq < (seq ?? 0)) await delay(10);
    const change = await nextOf(watch);
    assert.deepEqual([...change.views].sort(), ['delays', 'weather']);
    assert.deepEqual(names(change), watched.toSorted());
    const more = watch.next();
    assert.equal(await Promise.race([more, delay(100, 'nothing')]), 'nothing');
    await watch.return?.();
  });

  test('a minimum interval gives the first at once', async () => {
    const [one, other] = both();
    const watch = other.watch(new Set(['rare']), texts('jfk'), { minimumIntervalMs: 86_400_000 });
    one.announce('rare', [key('jfk')]);
    assert.deepEqual(names(await nextOf(watch)), ['jfk']);
    await watch.return?.();
  });

  test('a minimum interval gives one an interval, and the last always', async () => {
    const [one, other] = both();
    const watch = other.watch(new Set(['often']), texts('jfk', 'last'), { minimumIntervalMs: 300 });
    const from = performance.now();
    const got: { at: number; keys: string[] }[] = [];
    const reading = (async () => {
      for await (const change of watch) {
        got.push({ at: performance.now() - from, keys: names(change) });
        if (change.keys.has(keyText(key('last')))) break;
      }
    })();
    for (; got.length < 2; await delay(20)) one.announce('often', [key('jfk')]);
    one.announce('often', [key('last')]);
    await reading;
    for (const [at, change] of got.entries()) {
      const sinceLast = change.at - (got[at - 1]?.at ?? Number.NEGATIVE_INFINITY);
      // A timer of Node may be a millisecond early.
      assert.ok(sinceLast >= 295, `${sinceLast} ms after the one before`);
    }
  });

  test('what can not be appended is kept and tried again, and pushes are spared it', async () => {
    const [, other] = both();
    let failures = 0;
    const { kysely } = databaseOf(0);
    const failing = new Proxy(kysely, {
      get: (target, property) => {
        if (property !== 'insertInto' || failures === 3) return Reflect.get(target, property).bind(target);
        failures++;
        throw new Error('the database is away');
      },
    });
    const unlucky = new ValueChanges({ ...databaseOf(0), kysely: failing }, feedOf(0), { timing, logger });
    const watch = other.watch(new Set(['unlucky', 'filled unluckily']), texts('jfk', 'lga'));
    unlucky.announce('unlucky', [key('jfk')]);
    await unlucky.flush();
    unlucky.announce('unlucky', [key('lga')]);
    unlucky.announce('filled unluckily', 'ALL');
    await nextOf(watch);
    assert.equal(failures, 3);
    assert.deepEqual(await announced('unlucky'), [{ keys: [...texts('jfk', 'lga')] }]);
    assert.deepEqual(await announced('filled unluckily'), [{ keys: 'ALL' }]);
    assert.match(warnings.join(), /could not be announced; they are kept/);
    await unlucky.close();
    await watch.return?.();
  });

  test('closing tells what is pending, and ends the watches', async () => {
    const [, other] = both();
    const closing = new ValueChanges(databaseOf(0), feedOf(0), { timing: { ...timing, gatherMs: 60_000 } });
    const listening = other.watch(new Set(['closing']), texts('jfk'));
    const ended = closing.watch(new Set(['closing']), texts('jfk')).next();
    closing.announce('closing', [key('jfk')]);
    await closing.close();
    assert.equal((await ended).done, true);
    assert.deepEqual(names(await nextOf(listening)), ['jfk']);
    closing.announce('closing', [key('lga')]);
    await listening.return?.();
  });

  test('a feed that stops gives what has changed, and ends the watches', async () => {
    const feed = new ChangeFeed(databaseOf(1));
    await feed.start();
    const changes = new ValueChanges(databaseOf(1), feed, { timing });
    const watch = changes.watch(new Set(['stopping']), texts('jfk', 'lga'), { minimumIntervalMs: 60_000 });
    changes.announce('stopping', [key('jfk')]);
    await nextOf(watch);
    changes.announce('stopping', [key('lga')]);
    const before = feed.lastSeq;
    await changes.flush();
    while (feed.lastSeq === before) await delay(10);
    const last = watch.next();
    await feed.stop();
    const { value } = await last;
    assert.deepEqual(names(value), ['lga']);
    assert.equal((await watch.next()).done, true);
    await changes.close();
  });

  test('a lost notification is made up for by the poll', async () => {
    const [one] = both();
    const feed = new ChangeFeed({ ...databaseOf(1), listen: async () => async () => {} }, { pollMs: 200 });
    await feed.start();
    const deaf = new ValueChanges(databaseOf(1), feed, { timing });
    const watch = deaf.watch(new Set(['polled']), texts('jfk'));
    one.announce('polled', [key('jfk')]);
    assert.deepEqual(names(await nextOf(watch)), ['jfk']);
    await deaf.close();
    await feed.stop();
  });

  test('a form that is not known may speak of any key', async () => {
    const [, other] = both();
    const watch = other.watch(new Set(['future']), texts('jfk'));
    const payload = JSON.stringify({ ranges: [['a', 'z']] });
    await databaseOf(0).kysely.insertInto('change').values({ topic: 'VALUES', subject: 'future', payload }).execute();
    assert.deepEqual(names(await nextOf(watch)), ['jfk']);
    await watch.return?.();
  });

  test('values that changed more than an hour ago are purged, and nothing else is', async () => {
    const { kysely } = databaseOf(0);
    const at = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    const rows = ([topic, hours]: readonly ['VALUES' | 'JOB', number]) => {
      return { topic, subject: `purged ${topic} ${hours}`, payload: '{}', at: at(hours) };
    };
    const written = [
      ['VALUES', 0.9],
      ['VALUES', 1.1],
      ['JOB', 1.1],
      ['JOB', 23],
      ['JOB', 25],
    ] as const;
    await kysely.insertInto('change').values(written.map(rows)).execute();
    await purgeChanges(databaseOf(0));
    const left = await sql<{ subject: string }>`
      select subject from ${sql.table('tests.change')} where subject like 'purged %' order by seq
    `.execute(kysely);
    assert.deepEqual(
      left.rows.map(({ subject }) => subject),
      ['purged VALUES 0.9', 'purged JOB 1.1', 'purged JOB 23'],
    );
  });
});
