import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MapValue, Value } from '../providers/contract/value-type.ts';
import { featureView } from '../src/registry/definitions/feature-view.ts';
import { EventSeries, KnownSeries } from '../src/windows/event-series.ts';
import { advance, emptyTiles, insertEvent, windowValues } from '../src/windows/key-tiles.ts';
import { packTiles, unpackTiles } from '../src/windows/tile-bytes.ts';
import { windowsOf } from '../src/windows/view-windows.ts';
import { windowCost } from '../src/windows/window-cost.ts';
import { outOfBounds, type WindowValue } from '../src/windows/window-feature.ts';
import type { WindowEvent, WindowPlan } from '../src/windows/window-plan.ts';

const second = 1_000_000;
const hour = 3_600 * second;
/** 2024-03-30T12:00:00Z. */
const noon = 1_711_800_000 * second;

type Feature = { function: string; type: string; window: string; [field: string]: unknown };

/** The plan of a view whose features are of the columns `x` and `s`, in this order among the values of an event. */
function planOf(features: readonly Feature[], more: object = {}): WindowPlan {
  const view = featureView.parse({
    kind: 'FEATURE_VIEW',
    name: 'spending',
    entity: 'customer',
    source: 'orders',
    eventTimestamp: 'at',
    ...more,
    features: features.map(({ type, column, ...aggregation }, at) => ({
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

function shown(value: WindowValue): unknown {
  if (value === outOfBounds) return 'OUT OF BOUNDS';
  return value instanceof Map ? [...(value as MapValue)] : value;
}

/** What all features are at an instant: offline, of events that are kept one by one, and of tiles that were written and read. */
function valuesAt(plan: WindowPlan, events: readonly WindowEvent[], instant: number): unknown[] {
  const positions = plan.features.map((_, at) => at);
  const ordered = events.toSorted((left, right) => left.time - right.time);
  const offline = new EventSeries(plan, ordered).values(positions, instant).map(shown);
  const tiles = emptyTiles(plan);
  for (const one of ordered) insertEvent(plan, tiles, one);
  const served = (from: typeof tiles) =>
    positions.map((at) => shown(windowValues(plan, from, positions, instant).get(at) ?? null));
  assert.deepEqual(served(tiles), offline);
  advance(plan, tiles, instant);
  assert.deepEqual(served(unpackTiles(plan, packTiles(plan, tiles))), offline);
  return offline;
}

const sum = (more: object = {}): Feature => ({
  function: 'SUM',
  type: 'MAP(STRING, FLOAT64)',
  column: 'x',
  secondaryKey: 's',
  window: '1h',
  ...more,
});

describe('a window with a secondary key', () => {
  test('is a map of what the function is of the events of each value, in the order of these', () => {
    const plan = planOf([
      sum(),
      sum({ function: 'COUNT', type: 'MAP(STRING, INT64)', column: undefined }),
      sum({ function: 'LAST' }),
      sum({ function: 'MEAN' }),
    ]);
    const events = [
      event(noon - 5, 1, 'food'),
      event(noon - 4, 2.5, 'books'),
      event(noon - 3, 10, 'food'),
      event(noon - 2, 7, '\u{1f600}'),
      event(noon - 1, 8, '\uffff'),
    ];
    // By their UTF-8 bytes, as everywhere, and not as JavaScript orders texts.
    assert.deepEqual(valuesAt(plan, events, noon), [
      [
        ['books', 2.5],
        ['food', 11],
        ['\uffff', 8],
        ['\u{1f600}', 7],
      ],
      [
        ['books', 1n],
        ['food', 2n],
        ['\uffff', 1n],
        ['\u{1f600}', 1n],
      ],
      [
        ['books', 2.5],
        ['food', 10],
        ['\uffff', 8],
        ['\u{1f600}', 7],
      ],
      [
        ['books', 2.5],
        ['food', 5.5],
        ['\uffff', 8],
        ['\u{1f600}', 7],
      ],
    ]);
  });

  test('leaves out events whose key is null, and has what no values are of a key whose values all are', () => {
    const count = sum({ function: 'COUNT', type: 'MAP(STRING, INT64)', of: 'FLOAT64' });
    const plan = planOf([sum(), count, sum({ function: 'COUNT', type: 'MAP(STRING, INT64)', column: undefined })]);
    const events = [event(noon - 3, 1, null), event(noon - 2, null, 'a'), event(noon - 1, 2, 'b')];
    assert.deepEqual(valuesAt(plan, events, noon), [
      [
        ['a', null],
        ['b', 2],
      ],
      [
        ['a', 0n],
        ['b', 1n],
      ],
      [
        ['a', 1n],
        ['b', 1n],
      ],
    ]);
  });

  test('is empty where there are no events, of keys and of all', () => {
    const plan = planOf([sum(), sum({ window: 'FOREVER' })]);
    assert.deepEqual(valuesAt(plan, [], noon), [[], []]);
    const events = [event(noon - 2 * hour, 1, 'a')];
    assert.deepEqual(valuesAt(plan, events, noon), [[], [['a', 1]]]);
    assert.deepEqual(valuesAt(plan, [event(noon - 1, 1, null)], noon), [[], []]);
  });

  test('decays by the clock, key by key, and begins where its hop does', () => {
    const plan = planOf([sum({ hop: '10m' })]);
    const minute = 60 * second;
    const events = [event(noon - 50 * minute, 1, 'a'), event(noon - 20 * minute, 2, 'b'), event(noon, 4, 'a')];
    assert.deepEqual(valuesAt(plan, events, noon + 1), [
      [
        ['a', 5],
        ['b', 2],
      ],
    ]);
    // The hop holds the first event for nine minutes more than an hour.
    assert.deepEqual(valuesAt(plan, events, noon + 20 * minute - 1), [
      [
        ['a', 5],
        ['b', 2],
      ],
    ]);
    assert.deepEqual(valuesAt(plan, events, noon + 20 * minute), [
      [
        ['a', 4],
        ['b', 2],
      ],
    ]);
    assert.deepEqual(valuesAt(plan, events, noon + 50 * minute), [[['a', 4]]]);
    assert.deepEqual(valuesAt(plan, events, noon + 3 * hour), [[]]);
  });

  test('counts what its filter lets through, and has no entry for a key of which it lets nothing', () => {
    const plan = planOf([sum({ filter: 'x > 1.0 && s != "c"' })]);
    const events = [event(noon - 3, 1, 'a'), event(noon - 2, 2, 'b'), event(noon - 1, 3, 'c')];
    assert.deepEqual(valuesAt(plan, events, noon), [[['b', 2]]]);
  });

  test('of 1,000 keys has all, and of one more none, however its events are in tiles', () => {
    const plan = planOf([sum({ hop: '1m' }), sum({ window: '30m', hop: '1m' })]);
    const events = (keys: number) =>
      Array.from({ length: keys }, (_, at) => event(noon - hour + at * 3 * second + 1, 1, `key ${at}`));
    const [all, half] = valuesAt(plan, events(1_000), noon);
    assert.equal((all as unknown[]).length, 1_000);
    assert.ok((half as unknown[]).length > 300);
    const [none, still] = valuesAt(plan, events(1_001), noon);
    assert.equal(none, 'OUT OF BOUNDS');
    assert.deepEqual(still, [...(half as [string, number][]), ['key 1000', 1]].toSorted());
    // All in one tile: only that there are too many is kept of it.
    const forever = planOf([sum({ window: 'FOREVER' })]);
    assert.deepEqual(valuesAt(forever, events(1_001), noon), ['OUT OF BOUNDS']);
    const twice = [...events(1_000), ...events(1_000)];
    assert.equal((valuesAt(forever, twice, noon)[0] as unknown[]).length, 1_000);
  });

  test('of keys as long as may be has all, and with one that is longer none, however its events are in tiles', () => {
    const plan = planOf([sum({ hop: '1m' }), sum({ window: '30m', hop: '1m' }), sum({ window: 'FOREVER' })]);
    const longest = 'k'.repeat(1_000);
    const events = [event(noon - 40 * 60 * second, 1, longest), event(noon - 1, 2, 'a')];
    const all = [
      ['a', 2],
      [longest, 1],
    ];
    assert.deepEqual(valuesAt(plan, events, noon), [all, [['a', 2]], all]);
    const longer = [...events, event(noon - 40 * 60 * second, 1, `${longest}k`)];
    assert.deepEqual(valuesAt(plan, longer, noon), ['OUT OF BOUNDS', [['a', 2]], 'OUT OF BOUNDS']);
  });

  test('has no value where one of its entries could not be', () => {
    const plan = planOf([
      sum({ type: 'MAP(STRING, INT64)', of: 'INT64' }),
      sum({ function: 'COUNT_DISTINCT', type: 'MAP(STRING, INT64)', of: 'INT64', limit: 2 }),
    ]);
    const of = (...values: bigint[]) =>
      values.map((value, at) => event(noon - 9 + at, value, at % 2 === 0 ? 'a' : 'b'));
    assert.deepEqual(valuesAt(plan, of(2n ** 63n - 1n, 5n, 1n), noon), [
      'OUT OF BOUNDS',
      [
        ['a', 2n],
        ['b', 1n],
      ],
    ]);
    assert.deepEqual(valuesAt(plan, of(1n, 5n, 2n, 5n, 3n), noon), [
      [
        ['a', 6n],
        ['b', 10n],
      ],
      'OUT OF BOUNDS',
    ]);
  });

  test('keeps NaN, infinities and the null of too few values', () => {
    const plan = planOf([
      sum(),
      sum({ function: 'STDDEV' }),
      sum({ function: 'MIN' }),
      sum({ function: 'QUANTILE', quantile: 0 }),
    ]);
    const events = [
      event(noon - 4, Number.NaN, 'a'),
      event(noon - 3, 1.7e308, 'b'),
      event(noon - 2, 1.7e308, 'b'),
      event(noon - 1, -0, 'c'),
    ];
    const [sums, deviations, least, quantiles] = valuesAt(plan, events, noon);
    assert.deepEqual(sums, [
      ['a', Number.NaN],
      ['b', Number.POSITIVE_INFINITY],
      ['c', 0],
    ]);
    assert.deepEqual(deviations, [
      ['a', null],
      ['b', 0],
      ['c', null],
    ]);
    assert.deepEqual(least, [
      ['a', Number.NaN],
      ['b', 1.7e308],
      ['c', -0],
    ]);
    assert.ok(Number.isNaN((quantiles as [string, number][])[0]?.[1]));
  });

  test('has whole numbers beyond 2^53, days, booleans and 0 for keys', () => {
    const by = (type: string, ...keys: Value[]) => {
      const plan = planOf([{ function: 'COUNT', type: `MAP(${type}, INT64)`, secondaryKey: 's', window: '1h' }]);
      const [map] = valuesAt(
        plan,
        keys.map((key, at) => event(noon - 9 + at, key)),
        noon,
      );
      return map;
    };
    assert.deepEqual(by('INT64', 2n ** 53n + 1n, 2n ** 53n, -1n, 2n ** 53n + 1n), [
      [-1n, 1n],
      [2n ** 53n, 1n],
      [2n ** 53n + 1n, 2n],
    ]);
    assert.deepEqual(by('DATE', 19_000, -1, 19_000), [
      [-1, 1n],
      [19_000, 2n],
    ]);
    assert.deepEqual(by('BOOL', true, false, true), [
      [false, 1n],
      [true, 2n],
    ]);
    // A push may say −0, which no engine keeps of a whole number.
    assert.deepEqual(by('INT32', 0, -0, -7), [
      [-7, 1n],
      [0, 2n],
    ]);
  });

  test('shares nothing with one of another key, and its tiles with one of the same', () => {
    const plain = sum({ type: 'FLOAT64', secondaryKey: undefined });
    const other = sum({ secondaryKey: 't' });
    const plan = planOf([sum(), sum({ window: '2h' }), plain, other, sum({ function: 'MEAN' })]);
    assert.deepEqual(plan.cellOf, [0, 0, 1, 2, 0]);
    assert.deepEqual(plan.columns, [
      { name: 'x', type: 'FLOAT64' },
      { name: 's', type: 'STRING' },
      { name: 't', type: 'STRING' },
    ]);
    const events = [event(noon - 2, 1, 'a', null), event(noon - 1, 2, 'b', 'c')];
    assert.deepEqual(valuesAt(plan, events, noon), [
      [
        ['a', 1],
        ['b', 2],
      ],
      [
        ['a', 1],
        ['b', 2],
      ],
      3,
      [['c', 2]],
      [
        ['a', 1],
        ['b', 2],
      ],
    ]);
  });

  test('is at each moment what was known by then, and corrected since', () => {
    const plan = planOf([sum({ window: 'FOREVER' })], { eventId: { column: 'id' } });
    const recorded = (created: number, time: number, ...values: Value[]) => ({ ...event(time, ...values), created });
    const events = [
      recorded(noon + 2 * hour, noon, 5, 'b', 'first'),
      recorded(noon, noon, 1, 'a', 'first'),
      recorded(noon + hour, noon + 1, 2, 'a', 'second'),
    ];
    const known = new KnownSeries(plan, events, [0]);
    const at = (instant: number) => known.values([0], instant, instant).map(shown);
    assert.deepEqual(at(noon - 1), [[]]);
    assert.deepEqual(at(noon + 10), [[['a', 1]]]);
    assert.deepEqual(at(noon + hour), [[['a', 3]]]);
    assert.deepEqual(at(noon + 2 * hour), [
      [
        ['a', 2],
        ['b', 5],
      ],
    ]);
  });

  test('takes late events into the map of their own time, and none later than that', () => {
    const plan = planOf([sum({ hop: '5m' })], { lateness: '10m', eventId: { column: 'id' } });
    const tiles = emptyTiles(plan);
    advance(plan, tiles, noon - 600 * second);
    assert.equal(insertEvent(plan, tiles, event(noon, 1, 'a', '1')), 'TAKEN');
    assert.equal(insertEvent(plan, tiles, event(noon - 600 * second, 2, 'b', '2')), 'TAKEN');
    assert.equal(insertEvent(plan, tiles, event(noon - 600 * second - 1, 4, 'b', '3')), 'LATE');
    assert.equal(insertEvent(plan, tiles, event(noon, 1, 'a', '1')), 'KNOWN');
    assert.deepEqual(shown(windowValues(plan, tiles, [0], noon + 1).get(0) ?? null), [
      ['a', 1],
      ['b', 2],
    ]);
    advance(plan, tiles, noon + hour);
    assert.deepEqual(shown(windowValues(plan, tiles, [0], noon + hour).get(0) ?? null), [['a', 1]]);
  });

  test('goes on with the keys of what was stored', () => {
    const plan = planOf([{ function: 'COUNT', type: 'MAP(INT64, INT64)', secondaryKey: 's', window: 'FOREVER' }]);
    let tiles = emptyTiles(plan);
    for (const [at, key] of [5n, -1n, 5n].entries()) {
      insertEvent(plan, tiles, event(noon + at, key));
      advance(plan, tiles, noon + at + 1);
      tiles = unpackTiles(plan, packTiles(plan, tiles));
    }
    assert.deepEqual([tiles.events.length, tiles.tiles[0]?.length], [0, 1]);
    assert.deepEqual(shown(windowValues(plan, tiles, [0], noon + hour).get(0) ?? null), [
      [-1n, 1n],
      [5n, 2n],
    ]);
  });

  test('is told to cost what its keys do', () => {
    const { bytesPerKey: one } = windowCost(planOf([sum({ secondaryKey: undefined, type: 'FLOAT64', hop: '30m' })]));
    const { bytesPerKey: many, bytesPerEvent } = windowCost(planOf([sum({ hop: '30m' })]));
    const { bytesPerKey: two } = windowCost(planOf([sum({ hop: '30m', type: 'MAP(BOOL, FLOAT64)' })]));
    assert.ok(one < two && two < many, `${one}, ${two}, ${many}`);
    assert.ok(bytesPerEvent > 24);
  });
});
