import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { heaviestBatch, weightOfRows } from '../../providers/contract/batch-weight.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { assertWithin } from '../servers/within.ts';
import { at, collected, context, join, latestRows, rejectsWith, rows } from './offline-rows.ts';

const numbers = (size: number): Relation =>
  rows(
    ['n INT64'],
    Array.from({ length: size }, (_, index) => [BigInt(index)]),
  );

const query = (sql: string, inputs: Record<string, Relation>): Relation => ({ kind: 'QUERY', sql, inputs });

/** A query that no engine finishes within the patience of a test. */
const endless = query(
  'SELECT a.n AS n, count(*) AS total FROM {{ n }} AS a, {{ n }} AS b, {{ n }} AS c WHERE a.n + b.n <> c.n GROUP BY a.n',
  { n: numbers(20_000) },
);

const failing = query("SELECT n, CASE WHEN n = 99 THEN CAST('x' || n AS INTEGER) ELSE 0 END AS x FROM {{ n }} AS a", {
  n: numbers(100),
});

const stored = (id: string): Relation => ({ kind: 'TRANSFORMED', id });

/** Work that is cancelled 100 ms after it began must end within two seconds. */
async function cancelled(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 100);
  const began = performance.now();
  await rejectsWith('CANCELLED', work(controller.signal));
  clearTimeout(timer);
  assertWithin(2100, performance.now() - began);
}

export function describeQueries(store: () => OfflineStore): void {
  describe('queries', () => {
    test('read their inputs under any name, several times, and queries of queries', async () => {
      const evens = query('SELECT n FROM {{ all@v1 }} AS a WHERE n % 2 = 0', { 'all@v1': numbers(10) });
      const sum = query(
        'WITH evens AS (SELECT n FROM {{evens}}) SELECT a.n + b.n AS n FROM evens AS a JOIN {{ evens }} AS b ON a.n = b.n ORDER BY 1;',
        {
          evens,
        },
      );
      assert.deepEqual((await store().preview(sum, 9)).rows, [[0n], [4n], [8n], [12n], [16n]]);
      assert.equal(await store().count(sum), 5);
    });

    test('of queries whose columns were told are told as they would be alone', async () => {
      const shapes = "SELECT n, n + 0.5 AS half, 'v' AS text, n > 1 AS more FROM {{ below }} AS r";
      const links = Array.from({ length: 20 }).reduce<Relation[]>(
        (made) => [...made, query('SELECT * FROM {{ below }} AS r', { below: made.at(-1) ?? numbers(3) })],
        [],
      );
      links.push(query(shapes, { below: links.at(-1) as Relation }));
      for (const link of links) await store().columns(link);
      const last = links.at(-1) as Relation;
      const alone = await store().columns(structuredClone(last));
      assert.deepEqual(
        alone.map(({ name }) => name),
        ['n', 'half', 'text', 'more'],
      );
      assert.deepEqual(await store().columns(last), alone);
      assert.equal(await store().count(last), 3);
      await rejectsWith(
        'QUERY_FAILED',
        store().columns(query('SELECT half FROM {{ n }} AS r', { n: links[0] as Relation })),
      );
      await rejectsWith('QUERY_REFUSED', store().columns(query('SELECT * FROM other', { n: last })));
    });

    test('that are no SQL, or name what is not there, fail with the words of the engine', async () => {
      const error = await rejectsWith(
        'QUERY_FAILED',
        store().columns(query('SELECT nope FROM {{ n }} AS a', { n: numbers(1) })),
      );
      assert.match(error.message, /nope/);
      await rejectsWith('QUERY_FAILED', store().columns(query('SELECT FROM WHERE', {})));
      await rejectsWith('QUERY_FAILED', store().transform('failing', failing, context()));
    });

    test('have inputs in their code alone, and may end in semicolons and comments', async () => {
      const inputs = { n: numbers(2) };
      const texts =
        "SELECT '{{ m }} -- it''s' AS a, $x$ {{ m }} $x$ AS b, n AS \"{{ m }}\" FROM {{ n }} AS r ORDER BY n";
      for (const end of ['', ';', '; -- done', ' ; /* {{ m }} ; */ ;\n-- {{ m }}', ' -- done;', '\n;;\n']) {
        const whole = query(`/* {{ m }} */ ${texts}${end}`, inputs);
        assert.deepEqual(
          (await store().columns(whole)).map(({ name }) => name),
          ['a', 'b', '{{ m }}'],
        );
        assert.deepEqual((await store().preview(whole, 9)).rows, [
          ["{{ m }} -- it's", ' {{ m }} ', 0n],
          ["{{ m }} -- it's", ' {{ m }} ', 1n],
        ]);
        assert.deepEqual(await store().transform('ended', whole, context()), { rows: 2 });
      }
      await store().dropTransformed('ended');
      for (const two of ['SELECT 1 AS a; -- one\nSELECT 2 AS a', 'SELECT 1 AS a; /* */ SELECT 2 AS a -- two'])
        await rejectsWith('QUERY_REFUSED', store().columns(query(two, {})));
      for (const none of ['-- nothing', ' ; ']) await rejectsWith('QUERY_REFUSED', store().columns(query(none, {})));
    });

    test('are previewed only for as long as somebody waits', async () => {
      await cancelled((signal) => store().preview(endless, 1, signal));
      await rejectsWith('CANCELLED', store().preview(numbers(1), 1, AbortSignal.abort()));
    });

    test('must declare what they read', async () => {
      await rejectsWith('INVALID_INPUT', store().columns(query('SELECT * FROM {{ other }} AS a', { n: numbers(1) })));
      await rejectsWith('QUERY_REFUSED', store().columns(query('SELECT * FROM other', { n: numbers(1) })));
      await rejectsWith('QUERY_REFUSED', store().columns(query('SELECT 1 AS a; SELECT 2 AS a', {})));
    });
  });
}

export function describeTransformations(store: () => OfflineStore): void {
  describe('a transformation', () => {
    test('is stored, replaced in one step, and dropped', async () => {
      for (const size of [3, 5]) {
        assert.deepEqual(
          await store().transform('Src', query('SELECT * FROM {{ n }} AS a', { n: numbers(size) }), context()),
          { rows: size },
        );
        assert.equal(await store().count(stored('Src')), size);
      }
      await rejectsWith('NOT_FOUND', store().count(stored('src')));
      await store().dropTransformed('Src');
      await store().dropTransformed('Src');
      await rejectsWith('NOT_FOUND', store().count(stored('Src')));
    });

    test('leaves the rows of before when it fails or is cancelled', async () => {
      await store().transform('kept', numbers(3), context());
      await rejectsWith('QUERY_FAILED', store().transform('kept', failing, context()));
      await cancelled((signal) => store().transform('kept', endless, context(signal)));
      await rejectsWith('CANCELLED', store().transform('kept', numbers(9), context(AbortSignal.abort())));
      assert.equal(await store().count(stored('kept')), 3);
    });

    test('is read whole while it is replaced, in any number of calls at once', async () => {
      const sizes = [1000, 2000];
      const columns = rows(['n INT64'], []).kind;
      assert.equal(columns, 'ROWS');
      await store().transform('busy', numbers(1000), context());
      let writing = true;
      const writer = (async () => {
        for (let turn = 0; turn < 6; turn++) await store().transform('busy', numbers(sizes[turn % 2] ?? 0), context());
        writing = false;
      })();
      const readers = Array.from({ length: 4 }, async () => {
        while (writing) assert.ok(sizes.includes(await store().count(stored('busy'))));
      });
      await Promise.all([writer, ...readers]);
      const both = sizes.map((size) => store().transform('busy', numbers(size), context()));
      assert.deepEqual(
        await Promise.all(both),
        sizes.map((size) => ({ rows: size })),
      );
    });

    test('has a version that each storing changes, and nothing else', async () => {
      const version = (relation: Relation) => store().version(relation);
      const told = async () => {
        await store().transform('Told', numbers(3), context());
        return (await version(stored('Told'))) ?? assert.fail();
      };
      const first = await told();
      const doubled = query('SELECT n * 2 AS n FROM {{ told }} AS a', { told: stored('Told') });
      const before = [await version(doubled), await version(query('SELECT 1 AS n', {}))];
      assert.ok(before.every((one) => one !== undefined));
      await store().count(doubled);
      await rejectsWith('QUERY_FAILED', store().transform('Told', failing, context()));
      assert.deepEqual([await version(doubled), await version(stored('Told'))], [before[0], first]);
      const second = await told();
      assert.notEqual(second, first);
      assert.equal(await version(stored('Told')), second);
      assert.notEqual(await version(doubled), before[0]);
      assert.notEqual(await version(query('SELECT 2 AS n', {})), before[1]);
    });

    test('has no version where nobody can tell', async () => {
      assert.equal(await store().version(stored('never stored')), undefined);
      assert.equal(await store().version(numbers(1)), undefined);
      await store().transform('known', numbers(3), context());
      for (const sql of [
        'SELECT n FROM {{ n }} AS a WHERE now() IS NOT NULL',
        'SELECT n, CURRENT_DATE AS day FROM {{ n }} AS a',
        'SELECT n FROM {{ n }} AS a WHERE now /* ( */ -- the moment\n ( ) IS NOT NULL',
        'SELECT n + random() AS n FROM {{ n }} AS a',
      ])
        assert.equal(await store().version(query(sql, { n: stored('known') })), undefined, sql);
      const outer = query('SELECT n FROM {{ inner }} AS a', {
        inner: query('SELECT n FROM {{ n }} AS a WHERE now() IS NOT NULL', { n: stored('known') }),
      });
      assert.equal(await store().version(outer), undefined);
    });

    test('tells several times a second that it is at work', async () => {
      let calls = 0;
      const controller = new AbortController();
      const { signal } = controller;
      const progress = () => {
        if (++calls === 3) controller.abort();
      };
      const began = performance.now();
      await rejectsWith('CANCELLED', store().transform('slow', endless, { signal, progress }));
      assertWithin(1_000, performance.now() - began);
    });
  });
}

export function describeLatest(store: () => OfflineStore): void {
  describe('the latest rows', () => {
    const view = rows(
      ['driver INT64', 'at TIMESTAMP', 'created TIMESTAMP', 'value INT32'],
      [
        [1n, at(1), at(1), 1],
        [1n, at(2), at(9), 2],
        [1n, at(2), at(8), 3],
        [2n, at(1), null, null],
        [null, at(1), at(1), 4],
        [3n, null, at(1), 5],
      ],
    );
    const plan = {
      relation: view,
      keys: ['driver'],
      eventTimestamp: 'at',
      createdTimestamp: 'created',
      columns: ['value'],
    };
    const latest = async (changes: object) => {
      const answered = await latestRows(store(), { ...plan, ...changes });
      return answered.sort(([left], [right]) => Number(left) - Number(right));
    };

    test('are one for each key, with their times', async () => {
      assert.deepEqual(await latest({}), [
        [1n, at(2), at(9), 2],
        [2n, at(1), null, null],
      ]);
    });

    test('are those after `from` and up to `to`', async () => {
      assert.deepEqual(await latest({ to: at(2) - 1n }), [
        [1n, at(1), at(1), 1],
        [2n, at(1), null, null],
      ]);
      assert.deepEqual(await latest({ from: at(1) }), [[1n, at(2), at(9), 2]]);
      assert.deepEqual(await latest({ from: at(2) }), []);
    });

    test('have no times where the view has none', async () => {
      const timeless = { relation: view, keys: ['driver'], columns: ['value'] };
      const answered = (await latestRows(store(), timeless)).sort(([left], [right]) => Number(left) - Number(right));
      assert.deepEqual(answered, [
        [1n, null, null, 3],
        [2n, null, null, null],
        [3n, null, null, 5],
      ]);
    });

    test('name every column that is not there', async () => {
      const error = await rejectsWith('SCHEMA_MISMATCH', latest({ keys: ['nope'], columns: ['value', 'none'] }));
      assert.deepEqual('issues' in error && Array.isArray(error.issues) && error.issues.map(({ path }) => path), [
        'relation.nope',
        'relation.none',
      ]);
    });

    test('come in bounded batches, can be left early, and stop when cancelled', async () => {
      const many = { relation: numbers(100_000), keys: ['n'], columns: ['n'] };
      const sizes: number[] = [];
      for await (const batch of store().latest(many, context())) sizes.push(batch.size);
      assert.equal(
        sizes.reduce((sum, size) => sum + size),
        100_000,
      );
      assert.ok(Math.max(...sizes) <= 65_536, `${Math.max(...sizes)} rows`);
      for (let turn = 0; turn < 20; turn++) for await (const _ of store().latest(many, context())) break;
      await cancelled((signal) =>
        collected(store().latest({ relation: endless, keys: ['n'], columns: ['total'] }, context(signal))),
      );
      const controller = new AbortController();
      const midway = (async () => {
        for await (const _ of store().latest(many, context(controller.signal))) controller.abort();
      })();
      await rejectsWith('CANCELLED', midway);
      assert.equal(await store().count(numbers(2)), 2);
    });
  });
}

export function describeRuns(store: () => OfflineStore): void {
  describe('a stored run', () => {
    const spine = rows(
      ['driver INT64', 'at TIMESTAMP'],
      Array.from({ length: 50_000 }, (_, index) => [BigInt(index), at(5)]),
    );
    const view = rows(['driver INT64', 'at TIMESTAMP', 'value INT32'], [[7n, at(1), 7]]);
    const plan: PointInTimePlan = {
      spine: { relation: spine, timestamp: 'at', columns: [{ column: 'driver', as: 'Driver id' }] },
      joins: [join(view, { columns: [{ column: 'value', as: 'the "value"' }] })],
    };

    test('is read in pieces and as a stream, in spine order', async () => {
      const summary = await store().retrieve(plan, 'run/../1', context());
      assert.equal(summary.rows, 50_000);
      assert.ok(summary.bytes > 0);
      const piece = await store().readRun('run/../1', 6, 3);
      assert.deepEqual(piece.rows, [
        [6n, null],
        [7n, 7],
        [8n, null],
      ]);
      assert.deepEqual(piece.columns, summary.columns);
      assert.deepEqual(
        piece.columns.map(({ name }) => name),
        ['Driver id', 'the "value"'],
      );
      assert.deepEqual((await store().readRun('run/../1', 49_999, 10)).rows, [[49_999n, null]]);
      assert.deepEqual((await store().readRun('run/../1', 50_000, 10)).rows, []);
      const streamed = await collected(store().streamRun('run/../1', new AbortController().signal));
      assert.deepEqual(
        streamed.map(([driver]) => driver),
        Array.from({ length: 50_000 }, (_, index) => BigInt(index)),
      );
    });

    test('comes in batches of which none is too heavy, whatever its rows hold', async () => {
      const light = Array.from({ length: 3_000 }, (_, at) => [BigInt(at), null, null, null] as Value[]);
      const map = new Map(Array.from({ length: 1_000 }, (_, at) => [`key ${at}`.padStart(9), at]));
      const heavy = Array.from({ length: 60 }, (_, at) => [BigInt(at), map, Array(1_000).fill(1), 'x'.repeat(90_000)]);
      const typed = ['n INT64', 'map MAP(STRING, INT32)', 'list INT32[]', 'text STRING'];
      const names = ['n', 'map', 'list', 'text'].map((name) => ({ column: name, as: name }));
      const spine = { relation: rows(typed, [...light, ...heavy]), columns: names };
      await store().retrieve({ spine, joins: [] }, 'heavy', context());
      let read = 0;
      for await (const { size, columns } of store().streamRun('heavy', new AbortController().signal)) {
        const weight = weightOfRows(columns);
        assert.ok(size === 1 || weight <= heaviestBatch, `${size} rows of ${weight}`);
        read += size;
      }
      assert.equal(read, 3_060);
      await store().dropRun('heavy');
    });

    test('has no page of more than one answer may be', async () => {
      const map = new Map(Array.from({ length: 1_000 }, (_, at) => [at, at]));
      const relation = rows(['map MAP(INT32, INT32)'], Array(510).fill([map]));
      const spine = { relation, columns: [{ column: 'map', as: 'map' }] };
      await store().retrieve({ spine, joins: [] }, 'heavy', context());
      assert.equal((await store().readRun('heavy', 0, 490)).rows.length, 490);
      await rejectsWith('LIMIT_EXCEEDED', store().readRun('heavy', 0, 510));
      await rejectsWith('LIMIT_EXCEEDED', store().preview(relation, 510));
      await store().dropRun('heavy');
    });

    test('is gone once dropped', async () => {
      await store().retrieve(plan, 'gone', context());
      await store().dropRun('gone');
      await store().dropRun('gone');
      assert.equal(store().runFile('gone'), undefined);
      await rejectsWith('NOT_FOUND', store().readRun('gone', 0, 1));
      await rejectsWith('NOT_FOUND', collected(store().streamRun('gone', new AbortController().signal)));
    });

    test('is whole or not there: nothing is left of one that failed or was cancelled', async () => {
      const slow = { ...plan, spine: { relation: endless, columns: [{ column: 'n', as: 'n' }] }, joins: [] };
      await cancelled((signal) => store().retrieve(slow, 'half', context(signal)));
      const bad = {
        ...plan,
        joins: [join(failing, { keys: [{ spine: 'driver', joined: 'n' }], eventTimestamp: 'at' })],
      };
      await rejectsWith('SCHEMA_MISMATCH', store().retrieve(bad, 'half', context()));
      assert.equal(store().runFile('half'), undefined);
      await rejectsWith('NOT_FOUND', store().readRun('half', 0, 1));
    });

    test('needs different names for its columns', async () => {
      const columns = [
        { column: 'driver', as: 'a' },
        { column: 'at', as: 'A' },
      ];
      const twice = { spine: { relation: spine, columns }, joins: [] };
      await rejectsWith('SCHEMA_MISMATCH', store().retrieve(twice, 'twice', context()));
    });
  });
}
