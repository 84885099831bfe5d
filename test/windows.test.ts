import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Value } from '../providers/contract/value-type.ts';
import { featureView } from '../src/registry/definitions/feature-view.ts';
import { EventSeries, KnownSeries } from '../src/windows/event-series.ts';
import { KeyBuild } from '../src/windows/key-build.ts';
import { advance, emptyTiles, insertEvent, type KeyTiles, windowValues } from '../src/windows/key-tiles.ts';
import { packTiles, unpackTiles } from '../src/windows/tile-bytes.ts';
import { windowsOf } from '../src/windows/view-windows.ts';
import { outOfBounds } from '../src/windows/window-feature.ts';
import type { WindowEvent, WindowPlan } from '../src/windows/window-plan.ts';

const second = 1_000_000;
const hour = 3_600 * second;
const day = 24 * hour;
/** 2024-03-30T12:00:00Z: the night after it, clocks in Europe are moved. */
const noon = 1_711_800_000 * second;

type Feature = { function: string; type?: string; window: string; [field: string]: unknown };

/** The plan of a view whose features are of the columns `x` (FLOAT64) and `n` (INT64). */
function planOf(
  features: readonly Feature[],
  options: { lateness?: string; eventId?: { column: string } } = {},
): WindowPlan {
  const view = featureView.parse({
    kind: 'FEATURE_VIEW',
    name: 'spending',
    entity: 'customer',
    source: 'orders',
    eventTimestamp: 'at',
    ...options,
    features: features.map(({ type = 'FLOAT64', column, ...aggregation }, at) => ({
      name: `f${at}`,
      type,
      ...(column !== undefined && { column }),
      aggregation,
    })),
  });
  return windowsOf(view);
}

function event(time: number, ...values: Value[]): WindowEvent {
  return { time, created: Number.NEGATIVE_INFINITY, values };
}

/** What all features are at an instant, offline and as served, which must be the same. */
function valuesAt(plan: WindowPlan, events: readonly WindowEvent[], instant: number): Value[] {
  const positions = plan.features.map((_, at) => at);
  const ordered = events.toSorted((left, right) => left.time - right.time);
  const offline = new EventSeries(plan, ordered).values(positions, instant);
  const tiles = emptyTiles(plan);
  for (const one of ordered) insertEvent(plan, tiles, one);
  const online = servedAt(plan, tiles, instant);
  advance(plan, tiles, instant);
  const sealed = servedAt(plan, unpackTiles(plan, packTiles(plan, tiles)), instant);
  const plain = offline.map((value) => (value === outOfBounds ? 'OUT OF BOUNDS' : value));
  assert.deepEqual(online, plain);
  assert.deepEqual(sealed, plain);
  return plain;
}

function servedAt(plan: WindowPlan, tiles: KeyTiles, instant: number): Value[] {
  const positions = plan.features.map((_, at) => at);
  const values = windowValues(plan, tiles, positions, instant);
  return positions.map((at) => {
    const value = values.get(at) ?? null;
    return value === outOfBounds ? 'OUT OF BOUNDS' : value;
  });
}

describe('a window', () => {
  const sum = (window: string, more: object = {}): Feature => ({ function: 'SUM', column: 'x', window, ...more });

  test('may be no multiple of its hop', () => {
    const plan = planOf([sum('90m', { hop: '1h' })]);
    const at = noon + 20 * 60 * second;
    // 10:50 is rounded down to 10:00.
    const events = [event(noon - 2 * hour - 1, 100), event(noon - 2 * hour, 1), event(noon - hour, 10)];
    assert.deepEqual(valuesAt(plan, events, at), [11]);
  });

  test('keeps what is small beside what was huge long ago', () => {
    const plan = planOf([sum('1h'), sum('1h', { hop: '1m' }), sum('FOREVER')]);
    const events = [event(noon - day, 1e16), event(noon - 2, 1), event(noon - 1, 2)];
    assert.deepEqual(valuesAt(plan, events, noon), [3, 3, 1e16 + 4]);
    assert.deepEqual(
      valuesAt(plan, [event(noon - 3, 1e16), ...events.slice(1), event(noon - 1, -1e16)], noon),
      [3, 3, 3],
    );
  });

  test('has the deviation of numbers that differ little', () => {
    const plan = planOf(['STDDEV', 'VARIANCE', 'MEAN'].map((name) => ({ function: name, column: 'x', window: '1d' })));
    const events = [1e9, 1e9 + 1, 1e9 + 2].map((value, at) => event(noon - 10 + at, value));
    assert.deepEqual(valuesAt(plan, events, noon), [1, 1, 1e9 + 1]);
    assert.deepEqual(valuesAt(plan, events.slice(0, 1), noon), [null, null, 1e9]);
  });

  test('of a key without newer events decays to an empty one', () => {
    const count = { function: 'COUNT', type: 'INT64', window: '1h' };
    const plan = planOf([count, sum('1h', { hop: '5m' }), sum('1h', { default: '0' }), { ...count, hop: '1h' }]);
    const events = [event(noon, 5)];
    assert.deepEqual(valuesAt(plan, events, noon + 1), [1n, 5, 5, 1n]);
    assert.deepEqual(valuesAt(plan, events, noon + hour), [1n, 5, 5, 1n]);
    assert.deepEqual(valuesAt(plan, events, noon + hour + 5 * 60 * second), [0n, null, 0, 1n]);
    assert.deepEqual(valuesAt(plan, events, noon + 3 * hour), [0n, null, 0, 0n]);
    assert.deepEqual(valuesAt(plan, [], noon), [0n, null, 0, 0n]);
  });

  test('of INT64 is exact beyond 2^53, and has no value beyond INT64', () => {
    const plan = planOf([{ function: 'SUM', type: 'INT64', column: 'n', window: '1h' }]);
    const of = (...values: bigint[]) =>
      valuesAt(
        plan,
        values.map((value) => event(noon - 1, value)),
        noon,
      );
    assert.deepEqual(of(2n ** 53n, 1n, 2n), [2n ** 53n + 3n]);
    assert.deepEqual(of(2n ** 63n - 1n, 1n), ['OUT OF BOUNDS']);
    assert.deepEqual(of(2n ** 63n - 1n, 1n, -2n), [2n ** 63n - 2n]);
    assert.deepEqual(of(-(2n ** 63n), -(2n ** 63n), 2n ** 63n - 1n), ['OUT OF BOUNDS']);
  });

  test('shares its hop with another without either losing an event', () => {
    const plan = planOf([
      sum('1h', { hop: '10m' }),
      sum('2h', { hop: '10m' }),
      sum('2h', { hop: '10m', offset: '30m' }),
    ]);
    const events = [0, 1, 2, 3, 4, 5].map((at) => event(noon - at * 25 * 60 * second - 1, 2 ** at));
    assert.deepEqual(valuesAt(plan, events, noon), [7, 31, 60]);
  });

  test('that ends before the instant ends between events of one hop', () => {
    const plan = planOf([sum('2h', { hop: '1h', offset: '30m' })]);
    const events = [event(noon - 31 * 60 * second, 1), event(noon - 29 * 60 * second, 2)];
    assert.deepEqual(valuesAt(plan, events, noon), [1]);
    assert.deepEqual(valuesAt(plan, events, noon + 60 * second), [1]);
    assert.deepEqual(valuesAt(plan, events, noon + 61 * second), [3]);
  });

  test('takes of one moment what was recorded last, or is greater', () => {
    const ordered = (name: string, more = {}) => ({ function: name, column: 'x', window: '1h', ...more });
    const plan = planOf([ordered('LAST'), ordered('FIRST'), ordered('LAST_K', { type: 'FLOAT64[]', k: 3 })]);
    const events = [
      event(noon - 1, 5),
      { ...event(noon - 1, 1), created: noon },
      event(noon - 1, 7),
      event(noon - 2, 9),
    ];
    for (const order of [events, events.toReversed()]) {
      assert.deepEqual(valuesAt(plan, order, noon), [1, 9, [1, 7, 5]]);
    }
  });

  test('holds an event at its edges, and none a microsecond beside', () => {
    const counts = [{}, { inclusive: true }, { hop: '1h' }, { offset: '1h' }].map((more) => {
      return { function: 'COUNT', type: 'INT64', window: '2h', ...more };
    });
    const plan = planOf(counts);
    const held = (time: number) => valuesAt(plan, [event(time)], noon + 60 * second).map(Boolean);
    const [right, left] = [noon + 60 * second, noon + 60 * second - 2 * hour];
    assert.deepEqual(held(right + 1), [false, false, false, false]);
    assert.deepEqual(held(right), [false, true, false, false]);
    assert.deepEqual(held(right - 1), [true, true, true, false]);
    assert.deepEqual(held(left), [true, true, true, true]);
    assert.deepEqual(held(left - 1), [false, false, true, true]);
    assert.deepEqual(held(noon - 2 * hour), [false, false, true, true]);
    assert.deepEqual(held(noon - 2 * hour - 1), [false, false, false, true]);
    assert.deepEqual(held(left - hour), [false, false, false, true]);
    assert.deepEqual(held(left - hour - 1), [false, false, false, false]);
    assert.deepEqual(held(right - hour), [true, true, true, false]);
  });

  test('of a day has 24 hours where clocks are moved, and begins at midnight in UTC', () => {
    const plan = planOf([sum('1d'), sum('1d', { hop: '1d' })]);
    const midnight = noon + 12 * hour;
    const events = [
      event(midnight - 1, 1),
      event(midnight, 2),
      event(midnight + hour, 4),
      event(midnight + 2 * hour, 8),
    ];
    assert.deepEqual(valuesAt(plan, events, midnight + day), [14, 14]);
    assert.deepEqual(valuesAt(plan, events, midnight + day + hour + 1), [8, 14]);
    assert.deepEqual(valuesAt(plan, events, midnight + 2 * day - 1), [null, 14]);
    assert.deepEqual(valuesAt(plan, events, midnight + 2 * day), [null, null]);
  });

  test('before 1970 begins where its hop does', () => {
    const plan = planOf([sum('1h', { hop: '1h' })]);
    const events = [event(-2 * hour - 1, 1), event(-2 * hour, 2), event(-hour - 1, 4)];
    assert.deepEqual(valuesAt(plan, events, -hour + 1), [6]);
    assert.deepEqual(valuesAt(plan, events, -1), [6]);
  });

  test('of too many different values has none', () => {
    const distinct = {
      function: 'COUNT_DISTINCT',
      type: 'INT64',
      column: 'x',
      of: 'FLOAT64',
      limit: 2,
      window: '1h',
      hop: '10m',
    };
    const plan = planOf([distinct, { ...distinct, limit: 3 }]);
    const events = [1, 2, 2, 3].map((value, at) => event(noon - at * 19 * 60 * second - 1, value));
    assert.deepEqual(valuesAt(plan, events, noon), ['OUT OF BOUNDS', 3n]);
    assert.deepEqual(valuesAt(plan, events, noon + 30 * 60 * second), [2n, 2n]);
  });

  test('has a mean, a variance and a deviation where what they are made of is beyond a double', () => {
    const of = (...values: number[]) => {
      const plan = planOf(['MEAN', 'VARIANCE', 'STDDEV', 'SUM'].map((name) => ({ ...spread, function: name })));
      return valuesAt(
        plan,
        values.map((value, at) => event(noon - 10 + at, value)),
        noon,
      );
    };
    const spread = { column: 'x', window: '1h' };
    assert.deepEqual(of(1.7e308, 1.7e308), [1.7e308, 0, 0, Number.POSITIVE_INFINITY]);
    assert.deepEqual(of(-1.7e308, -1.7e308, -1.7e308), [-1.7e308, 0, 0, Number.NEGATIVE_INFINITY]);
    assert.deepEqual(of(1e200, -1e200), [0, Number.POSITIVE_INFINITY, Math.SQRT2 * 1e200, 0]);
    assert.deepEqual(of(1.3e154, 0, 0), [1.3e154 / 3, 5.633333333333333e307, 7.505553499465135e153, 1.3e154]);
    assert.deepEqual(of(5e-324, 0), [0, 0, 5e-324, 5e-324]);
    assert.deepEqual(of(5e-324, 5e-324, 5e-324, 0), [5e-324, 0, 0, 1.5e-323]);
    // Exactly 0.1, though the sum of the three is rounded.
    assert.deepEqual(of(0.1, 0.1, 0.1).slice(0, 3), [0.1, 0, 0]);
  });
});

describe('what was known of a key', () => {
  const minute = 60 * second;
  const sum = { function: 'SUM', column: 'x' };
  const features = [
    { ...sum, window: '1h' },
    { ...sum, window: 'FOREVER', filter: 'x > 1.0' },
    { function: 'LAST', column: 'x', window: 'FOREVER' },
  ];
  const plan = planOf(features, { eventId: { column: 'id' } });
  const positions = [0, 1, 2];

  test('is at each moment what had been recorded, and by then not corrected', () => {
    const random = fc.tuple(fc.nat(40), fc.nat(30), fc.nat(6), fc.constantFrom('a', 'b', 'c', 'd', null));
    const drawn = fc.property(fc.array(random, { minLength: 1, maxLength: 90, size: 'max' }), (all) => {
      const events = all
        .map(([at, delay, x, id]) => ({
          time: noon + at * minute,
          created: noon + (at + delay) * minute,
          values: [x, id],
        }))
        .toSorted((left, right) => left.time - right.time);
      const known = new KnownSeries(plan, events, positions);
      for (let at = -1; at < 80; at += 3) {
        const instant = noon + at * minute;
        const there = events.filter(({ created }) => created <= instant);
        const expected = new EventSeries(plan, there).values(positions, instant);
        assert.deepEqual(known.values(positions, instant, instant), expected);
      }
    });
    fc.assert(drawn, { numRuns: 300 });
  });

  test('is not computed from the beginning at each moment', () => {
    const many = 20_000;
    let looked = 0;
    const cells = plan.cells.map((cell) => ({
      ...cell,
      filter: () => {
        looked++;
        return true;
      },
    }));
    const events = Array.from({ length: many }, (_, at) => {
      // Every hundredth is corrected an hour after.
      const isCorrection = at % 100 === 0 && at > 0;
      const time = noon + (isCorrection ? at - 1 : at) * minute;
      return {
        time,
        created: time + (isCorrection ? hour : 0),
        values: [1, isCorrection ? at - 1 : `${at}`] as Value[],
      };
    });
    const known = new KnownSeries({ ...plan, cells }, events, positions);
    for (let at = 0; at < many; at++) {
      const instant = noon + at * minute;
      known.values(positions, instant, instant);
    }
    assert.equal(looked, many * cells.length);
    assert.throws(() => known.values(positions, noon, noon), RangeError);
  });
});

describe('the tiles of a key', () => {
  const count = { function: 'COUNT', type: 'INT64' };
  const plan = planOf(
    [
      { ...count, window: '1h', hop: '5m' },
      { ...count, window: 'FOREVER' },
      { function: 'LAST', type: 'STRING', column: 'id', window: '1d', hop: '1h' },
    ],
    {
      lateness: '10m',
      eventId: { column: 'id' },
    },
  );
  const minute = 60 * second;

  test('take late events, and none later than that', () => {
    const tiles = emptyTiles(plan);
    advance(plan, tiles, noon - 10 * minute);
    assert.equal(insertEvent(plan, tiles, event(noon, 'a')), 'TAKEN');
    assert.equal(insertEvent(plan, tiles, event(noon - 10 * minute, 'b')), 'TAKEN');
    assert.equal(insertEvent(plan, tiles, event(noon - 10 * minute - 1, 'c')), 'LATE');
    assert.deepEqual(servedAt(plan, tiles, noon + 1), [2n, 2n, 'a']);
  });

  test('are not changed by an event that comes again', () => {
    const tiles = emptyTiles(plan);
    advance(plan, tiles, noon - 10 * minute);
    for (const became of ['TAKEN', 'KNOWN']) {
      assert.equal(insertEvent(plan, tiles, event(noon, 'a')), became);
      assert.equal(insertEvent(plan, tiles, event(noon - 1, 'a')), became);
    }
    const corrected = { ...event(noon, 'a'), created: noon };
    assert.equal(insertEvent(plan, tiles, corrected), 'TAKEN');
    assert.deepEqual(servedAt(plan, tiles, noon + 1), [2n, 2n, 'a']);
  });

  test('are no more than windows have edges, however many events there were', () => {
    const tiles = emptyTiles(plan);
    for (let at = 0; at < 5_000; at++) {
      insertEvent(plan, tiles, event(noon + at * minute, `id ${at}`));
      if (at % 100 === 0) advance(plan, tiles, noon + (at - 10) * minute);
    }
    advance(plan, tiles, noon + 4_990 * minute);
    const counted = tiles.tiles.map((own) => own.length);
    assert.deepEqual(
      counted.map((size, cell) => size <= ([14, 26][cell] ?? 0)),
      [true, true],
      counted.join(),
    );
    assert.ok(packTiles(plan, tiles).length < 2_000);
    assert.deepEqual(servedAt(plan, tiles, noon + 5_000 * minute).slice(0, 2), [60n, 5_000n]);
  });

  test('of a materialization keep what was pushed after it, and give way to no older one', async () => {
    const build = (to: number, ...events: WindowEvent[]) => {
      const made = new KeyBuild(plan, to - 10 * minute);
      for (const one of events) made.add(one);
      return (present: KeyTiles) => made.over(present, to);
    };
    const whole = build(noon, event(noon - hour, 'a'), event(noon - 1, 'b'), event(noon + 1, 'c'));
    const first = await whole(emptyTiles(plan));
    assert.ok(first);
    assert.deepEqual(servedAt(plan, first, noon + 2).slice(0, 2), [2n, 2n]);
    insertEvent(plan, first, event(noon + 1, 'pushed'));
    const again = build(noon, event(noon - 1, 'b'), event(noon, 'corrected'));
    assert.deepEqual(servedAt(plan, (await again(first)) ?? emptyTiles(plan), noon + 2), [3n, 3n, 'pushed']);
    assert.equal(await build(noon - 1, event(noon - 1, 'b'))(first), undefined);
  });

  test('of a materialization hold of the source what other events were in tiles with', async () => {
    const present = emptyTiles(plan);
    for (const [at, id] of ['a', 'b'].entries()) insertEvent(plan, present, event(noon + at * minute, id));
    advance(plan, present, noon + 2 * minute);
    assert.deepEqual([present.events.length, present.sealed], [0, noon + 2 * minute]);
    const made = new KeyBuild(plan, noon - 10 * minute);
    for (const [at, id] of ['a', 'b'].entries()) made.add(event(noon + at * minute, id));
    // In a push it would be too late by now, so that it is taken though it is after `to`; the last would not be.
    for (const [time, id] of [[noon + minute + 1, 'too late'] as const, [noon + 2 * minute, 'c'] as const])
      made.add(event(time, id));
    // The second may have been pushed, and the source need not have it: what is in tiles can't be told apart.
    assert.equal(await made.over(present, noon), undefined);
    const tiles = await made.over(present, noon + minute);
    assert.ok(tiles);
    assert.deepEqual(servedAt(plan, tiles, noon + 3 * minute), [3n, 3n, 'too late']);
    assert.equal(tiles.handover, noon + minute);
  });
});
