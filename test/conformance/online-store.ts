import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { packRow, rowLayout, unpackValue } from '../../providers/contract/online-row.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import { scalar } from '../../providers/contract/value-type.ts';
import { describeExchange } from './online-exchange.ts';
import { held, key, layout, ratings, type TestStore, trips, write } from './online-rows.ts';
import { propertyRuns } from './property-runs.ts';
import { rowTime, typedValue } from './value-arbitraries.ts';

/** A place where stores of the same data can be opened, again and again, and how to be rid of it. */
export type OnlineStorePlace = { open(project: string): Promise<OnlineStore>; dispose(): Promise<void> };

/** Holds an online store to its contract. Every adapter passes this against the real engine. */
export function describeOnlineStore(name: string, openPlace: () => Promise<OnlineStorePlace>): void {
  describe(`the online store ${name}`, () => {
    let place: OnlineStorePlace;
    let projects = 0;
    before(async () => {
      place = await openPlace();
    });
    after(() => place.dispose());

    /** A case in a project of its own. */
    const testStore = (title: string, run: (store: OnlineStore, project: string) => Promise<void>) =>
      test(title, async () => {
        const project = `case ${++projects}`;
        const store = await place.open(project);
        try {
          await run(store, project);
        } finally {
          await store.close();
        }
      });

    describeReads(testStore);
    describeOrder(testStore);
    describeExchange(testStore);
    describeReaders(testStore, () => place);
    describePlaces(testStore, () => place);
  });
}

function describeReads(testStore: TestStore): void {
  testStore('answers', (store) => store.check());

  testStore('reads what was written, by key and view, in the order asked', async (store) => {
    assert.deepEqual(await store.write(trips, [write('a', 1n, 'a1'), write('b', 1n, 'b1')]), { written: 2, stale: 0 });
    await store.write(ratings, [write('b', 1n, 'b★')]);
    assert.deepEqual(await held(store, 'driver', ['b', 'none', 'a', 'b'], ['ratings', 'trips', 'unknown']), [
      ['b★', 'b1', undefined],
      [undefined, undefined, undefined],
      [undefined, 'a1', undefined],
      ['b★', 'b1', undefined],
    ]);
  });

  testStore('answers several reads together, also the same one twice', async (store) => {
    await store.write(trips, [write('a', 1n, 'driver a')]);
    await store.write({ entity: 'rider', view: 'trips' }, [write('a', 1n, 'rider a')]);
    const reads = ['rider', 'driver', 'rider'].map((entity) => ({ entity, keys: [key('a')], views: ['trips'] }));
    const answers = await store.read(reads);
    const texts = answers.map(({ rows }) => rows[0]?.[0] && unpackValue(layout, rows[0][0], 0));
    assert.deepEqual(texts, ['rider a', 'driver a', 'rider a']);
  });

  testStore('answers what asks for nothing', async (store) => {
    assert.deepEqual(await store.read([]), []);
    assert.deepEqual(await store.read([{ entity: 'driver', keys: [], views: ['trips'] }]), [{ rows: [] }]);
    assert.deepEqual(await store.read([{ entity: 'driver', keys: [key('a')], views: [] }]), [{ rows: [[]] }]);
    assert.deepEqual(await store.write(trips, []), { written: 0, stale: 0 });
  });

  testStore('keeps rows of any content and size as they are', async (store) => {
    const contents = ['', '\0', '\u{1f600}', 'x'.repeat(300_000)];
    await store.write(
      trips,
      contents.map((text, at) => write(`k${at}`, 1n, text)),
    );
    const names = contents.map((_, at) => `k${at}`);
    assert.deepEqual((await held(store, 'driver', names, ['trips'])).flat(), contents);
  });

  testStore(
    'tells keys apart that differ little: empty, of zeros, prefixes of each other, and very long',
    async (store) => {
      const long = 'k'.repeat(1_800);
      const ends = Array.from({ length: 400 }, (_, at) => long + 'k'.repeat(at));
      const names = ['', '\0', '\0\0', '\x01', 'a', 'ab', `${'y'.repeat(70_000)}1`, `${'y'.repeat(70_000)}2`, ...ends];
      await store.write(
        trips,
        names.map((each, at) => write(each, 1n, `row ${at}`)),
      );
      const expected = names.map((_, at) => `row ${at}`);
      assert.deepEqual((await held(store, 'driver', names, ['trips'])).flat(), expected);
    },
  );

  testStore('keeps random rows of every type under random keys', async (store) => {
    let round = 0;
    const binary = fc.uint8Array({ maxLength: 12 });
    const distinct = fc.uniqueArray(binary, { maxLength: 12, selector: (each) => Buffer.from(each).toString('hex') });
    const rowsOfTypes = fc.array(fc.tuple(typedValue, rowTime, rowTime), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(distinct, rowsOfTypes, async (keys, drawn) => {
        const address = { entity: `entity ${++round}`, view: 'trips' };
        const rows = keys.map((key, at) => {
          const [
            { type, value } = { type: scalar('BOOL'), value: null },
            eventTimestamp = null,
            createdTimestamp = null,
          ] = drawn[at] ?? [];
          return { key, row: packRow(rowLayout([type]), { eventTimestamp, createdTimestamp, values: [value] }) };
        });
        assert.deepEqual(await store.write(address, rows), { written: rows.length, stale: 0 });
        const [answer] = await store.read([{ entity: address.entity, keys, views: ['trips'] }]);
        const read = answer?.rows.map(([row]) => row && Buffer.from(row).toString('hex'));
        assert.deepEqual(
          read,
          rows.map(({ row }) => Buffer.from(row).toString('hex')),
        );
        await store.drop(address);
      }),
      propertyRuns(0.1),
    );
  });

  testStore('keeps addresses apart that would be equal when run together', async (store) => {
    await store.write({ entity: 'a', view: 'bc' }, [write('d', 1n, 'first')]);
    await store.write({ entity: 'ab', view: 'c' }, [write('d', 1n, 'second')]);
    await store.write({ entity: 'a', view: 'c' }, [write('db', 1n, 'third')]);
    assert.deepEqual(await held(store, 'a', ['d', 'db', 'bd'], ['bc', 'c', 'dc']), [
      ['first', undefined, undefined],
      [undefined, 'third', undefined],
      [undefined, undefined, undefined],
    ]);
    assert.deepEqual(await held(store, 'ab', ['d'], ['c']), [['second']]);
  });

  testStore('reads ten thousand keys of several views at once', async (store) => {
    const names = Array.from({ length: 10_000 }, (_, at) => `key ${at}`);
    await store.write(
      trips,
      names.map((each) => write(each, 1n, each)),
    );
    const rows = await held(store, 'driver', names, ['trips', 'ratings']);
    assert.deepEqual(
      rows,
      names.map((each) => [each, undefined]),
    );
  });
}

function describeOrder(testStore: TestStore): void {
  testStore('never lets an older row replace a newer one', async (store) => {
    await store.write(trips, [write('a', 5n, 'newer')]);
    assert.deepEqual(await store.write(trips, [write('a', 4n, 'older'), write('b', 4n, 'other')]), {
      written: 1,
      stale: 1,
    });
    assert.deepEqual(await held(store, 'driver', ['a', 'b'], ['trips']), [['newer'], ['other']]);
  });

  testStore('replaces a row of an equal version, so that corrections land', async (store) => {
    await store.write(trips, [write('a', 5n, 'wrong', 6n)]);
    assert.deepEqual(await store.write(trips, [write('a', 5n, 'right', 6n)]), { written: 1, stale: 0 });
    assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [['right']]);
  });

  testStore('orders by event time first, then by created time, with no time the oldest', async (store) => {
    const writes = [write('a', null, '1'), write('a', null, '2', 9n), write('a', -5n, '3'), write('a', 5n, '4')];
    const later = [write('a', 5n, '5', -1n), write('a', 5n, '6', 0n), write('a', 6n, '7')];
    for (const each of [...writes, ...later]) {
      assert.deepEqual(await store.write(trips, [each]), { written: 1, stale: 0 });
    }
    for (const each of writes) assert.deepEqual(await store.write(trips, [each]), { written: 0, stale: 1 });
    assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [['7']]);
  });

  testStore('decides between rows of one key in one write', async (store) => {
    const writes = [write('a', 2n, 'second'), write('a', 3n, 'third'), write('a', 1n, 'first')];
    assert.deepEqual(await store.write(trips, writes), { written: 2, stale: 1 });
    assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [['third']]);
  });

  testStore('ends at the newest row of each key, on random writes in any order by any writers', async (store) => {
    let round = 0;
    const version = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      event: fc.option(fc.bigInt(-3n, 3n)),
      created: fc.option(fc.bigInt(0n, 2n)),
    });
    const order = ({ event, created }: { event: bigint | null; created: bigint | null }) =>
      Number(event ?? -9n) * 100 + Number(created ?? -9n);
    await fc.assert(
      fc.asyncProperty(
        fc.array(version, { maxLength: 24 }),
        fc.integer({ min: 1, max: 4 }),
        async (versions, writers) => {
          const address = { entity: `entity ${++round}`, view: 'trips' };
          const writes = versions.map((each) => write(each.name, each.event, `${order(each)}`, each.created));
          const share = Math.ceil(writes.length / writers);
          const parts = Array.from({ length: writers }, (_, at) => writes.slice(at * share, (at + 1) * share));
          const counts = await Promise.all(parts.map((part) => store.write(address, part)));
          assert.equal(
            counts.reduce((sum, { written, stale }) => sum + written + stale, 0),
            writes.length,
          );
          const expected = ['a', 'b', 'c'].map((name) => {
            const ofKey = versions.filter((each) => each.name === name).map(order);
            return [ofKey.length === 0 ? undefined : `${Math.max(...ofKey)}`];
          });
          assert.deepEqual(await held(store, address.entity, ['a', 'b', 'c'], ['trips']), expected);
        },
      ),
      propertyRuns(0.04),
    );
  });

  testStore('goes on answering with whole rows while many are written', async (store) => {
    const names = Array.from({ length: 20_000 }, (_, at) => `key ${at}`);
    const all = (event: bigint) => names.map((name) => write(name, event, `${event}`.repeat(50)));
    await store.write(trips, all(1n));
    let writing = true;
    const written = store.write(trips, all(2n)).finally(() => {
      writing = false;
    });
    const whole = new Set(['1'.repeat(50), '2'.repeat(50)]);
    let reads = 0;
    while (writing) {
      reads++;
      const rows = await held(store, 'driver', ['key 0', 'key 9999', 'key 19999'], ['trips']);
      for (const [text] of rows) assert.ok(typeof text === 'string' && whole.has(text));
      await new Promise(setImmediate);
    }
    await written;
    assert.ok(reads > 1, 'nothing was read while rows were written');
    assert.deepEqual(await held(store, 'driver', ['key 19999'], ['trips']), [['2'.repeat(50)]]);
  });
}

function describeReaders(testStore: TestStore, place: () => OnlineStorePlace): void {
  testStore('never shows a reader a row that is older than one it has shown', async (store, project) => {
    const others = [await place().open(project), await place().open(project)];
    try {
      const versions = Array.from({ length: 200 }, (_, at) => BigInt((at * 77) % 200));
      let writing = true;
      const writers = others.map(async (other, at) => {
        const own = versions.filter((version) => Number(version) % 2 === at);
        for (const version of own) await other.write(trips, [write('a', version, `${version}`)]);
      });
      const reader = (async () => {
        for (let shown = -1; writing; await new Promise(setImmediate)) {
          const [[text = '-1'] = []] = await held(store, 'driver', ['a'], ['trips']);
          assert.ok(Number(text) >= shown, `${text} came after ${shown}`);
          shown = Number(text);
        }
      })();
      await Promise.all(writers);
      writing = false;
      await reader;
      assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [['199']]);
    } finally {
      await Promise.all(others.map((other) => other.close()));
    }
  });
}

function describePlaces(testStore: TestStore, place: () => OnlineStorePlace): void {
  testStore('drops the rows of one view, and no others, in any number', async (store) => {
    const names = [...Array.from({ length: 2_500 }, (_, at) => `key ${at}`), 'long '.repeat(1_000)];
    for (const address of [trips, ratings, { entity: 'rider', view: 'trips' }]) {
      await store.write(
        address,
        names.map((name) => write(name, 1n, address.view)),
      );
    }
    await store.drop(trips);
    const rows = await held(store, 'driver', names, ['trips', 'ratings']);
    assert.deepEqual(
      rows,
      names.map(() => [undefined, 'ratings']),
    );
    const riders = await held(store, 'rider', names, ['trips']);
    assert.deepEqual(
      riders,
      names.map(() => ['trips']),
    );
  });

  testStore('takes any row after a drop, and drops what is not there', async (store) => {
    await store.write(trips, [write('a', 5n, 'dropped')]);
    await store.drop(trips);
    await store.drop(trips);
    await store.drop({ entity: 'unknown', view: 'unknown' });
    assert.deepEqual(await store.write(trips, [write('a', 1n, 'anew')]), { written: 1, stale: 0 });
    assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [['anew']]);
  });

  testStore('keeps projects apart', async (store, project) => {
    const other = await place().open(`${project} of others`);
    try {
      await store.write(trips, [write('a', 5n, 'ours')]);
      assert.deepEqual(await held(other, 'driver', ['a'], ['trips']), [[undefined]]);
      assert.deepEqual(await other.write(trips, [write('a', 1n, 'theirs')]), { written: 1, stale: 0 });
      await other.drop(trips);
      assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [['ours']]);
    } finally {
      await other.close();
    }
  });

  testStore('answers nothing after it was closed, though others have it open', async (store, project) => {
    const other = await place().open(project);
    try {
      await store.close();
      await store.close();
      const calls = [
        () => store.check(),
        () => store.read([{ entity: 'driver', keys: [key('a')], views: ['trips'] }]),
        () => store.write(trips, [write('a', 1n, 'late')]),
        () => store.drop(trips),
      ];
      for (const call of calls) await assert.rejects(call, { code: 'UNAVAILABLE' });
      assert.deepEqual(await held(other, 'driver', ['a'], ['trips']), [[undefined]]);
    } finally {
      await other.close();
    }
    await assert.rejects(store.write(trips, [write('a', 1n, 'later')]), { code: 'UNAVAILABLE' });
  });

  testStore('is the same store for all who open it, also after it was closed', async (store, project) => {
    await store.write(trips, [write('a', 5n, 'kept')]);
    const second = await place().open(project);
    assert.deepEqual(await held(second, 'driver', ['a'], ['trips']), [['kept']]);
    const writes = [store, second].map((each, at) => each.write(trips, [write('a', 6n + BigInt(at), `writer ${at}`)]));
    await Promise.all(writes);
    await second.close();
    assert.deepEqual(await held(store, 'driver', ['a'], ['trips']), [['writer 1']]);
    await store.close();
    const again = await place().open(project);
    assert.deepEqual(await held(again, 'driver', ['a'], ['trips']), [['writer 1']]);
    assert.deepEqual(await again.write(trips, [write('a', 5n, 'older')]), { written: 0, stale: 1 });
    await again.close();
  });
}
