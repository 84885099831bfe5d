import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Value } from '../providers/contract/value-type.ts';
import { preparedValues, servedRow, servedValue } from '../src/entity-graph/entity-rows.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { featureView } from '../src/registry/definitions/feature-view.ts';
import type { ResolvedFeature } from '../src/registry/selection.ts';
import { serveFeatures } from '../src/serving/online-serving.ts';
import { windowColumns } from '../src/serving/window-reading.ts';
import { advanceInTurns } from '../src/windows/counted-in-turns.ts';
import { EventSeries, KnownSeries } from '../src/windows/event-series.ts';
import { KeyBuild } from '../src/windows/key-build.ts';
import { advance, emptyTiles, type KeyTiles, windowValues } from '../src/windows/key-tiles.ts';
import { packTiles } from '../src/windows/tile-bytes.ts';
import { windowsOf } from '../src/windows/view-windows.ts';
import type { WindowEvent } from '../src/windows/window-plan.ts';
import { othersDuring } from './others-during.ts';

const minute = 60_000_000;
const noon = 1_711_800_000_000_000;
const filter = 'note.split(",").all(part, part != "z" && part != "y")';
const [x, note] = ['x', 'note'];

const definition = featureView.parse({
  kind: 'FEATURE_VIEW',
  name: 'spending',
  entity: 'customer',
  source: 'orders',
  eventTimestamp: 'at',
  eventColumns: [{ column: note, type: 'STRING' }],
  features: [
    ['SUM', '1h'],
    ['MAX', '1h'],
    ['COUNT', '1h'],
    ['SUM', '1d'],
  ].map(([name, window], at) => ({
    name: `f${at}`,
    type: name === 'COUNT' ? 'INT64' : 'FLOAT64',
    ...(name !== 'COUNT' && { column: x }),
    aggregation: { function: name, window, filter },
  })),
});
const plan = windowsOf(definition);
const positions = [...plan.features.keys()];
const view = { kind: 'FEATURE_VIEW', id: 'spending', ref: 'spending@v1', definition } as ResourceOf<'FEATURE_VIEW'>;

function eventsOf(count: number, text: string): WindowEvent[] {
  return Array.from({ length: count }, (_, at) => {
    return {
      time: noon - minute + at,
      created: noon,
      values: plan.columns.map(({ name }) => (name === x ? at : text)),
    };
  });
}

/** Events of which nothing but the filter asks for the note, and how often it did. */
function watched(events: readonly WindowEvent[]): { events: WindowEvent[]; asked: () => number } {
  let asked = 0;
  const place = plan.columns.findIndex(({ name }) => name === note);
  const watching = events.map((event) => {
    const values = [...event.values];
    const get = (): Value => {
      asked++;
      return event.values[place] ?? null;
    };
    return { ...event, values: Object.defineProperty(values, place, { get }) };
  });
  return { events: watching, asked: () => asked };
}

const tilesOf = (events: WindowEvent[]): KeyTiles => ({ ...emptyTiles(plan), events });

describe('a filter is asked once of an event', () => {
  const sums = new Map<number, Value>([
    [0, 3],
    [1, 2],
    [2, 3n],
    [3, 3],
  ]);

  test('by all features, each read by itself, and when the event goes into tiles', () => {
    const { events, asked } = watched(eventsOf(3, 'a'));
    const tiles = tilesOf(events);
    for (const at of positions) assert.equal(windowValues(plan, tiles, [at], noon).get(at), sums.get(at));
    assert.equal(asked(), 3);
    advance(plan, tiles, noon + 48 * 60 * minute);
    assert.deepEqual([tiles.events.length, asked()], [0, 3]);
  });

  test('by all features of a retrieval', () => {
    const { events, asked } = watched(eventsOf(3, 'a'));
    assert.deepEqual(new EventSeries(plan, events).values(positions, noon), [...sums.values()]);
    assert.deepEqual(new KnownSeries(plan, events, positions).values(positions, noon, noon), [...sums.values()]);
    assert.equal(asked(), 3);
  });

  test('by all fields of an entity, also where its row is asked for twice', () => {
    const row = packTiles(plan, tilesOf(eventsOf(3, 'a')));
    const [one, other] = [servedRow({ view }, row, BigInt(noon)), servedRow({ view }, row, BigInt(noon + 1))];
    const { tiles } = one.windows ?? assert.fail('it has windows');
    assert.equal(other.windows?.tiles, tiles);
    const { events, asked } = watched(tiles.events);
    tiles.events = events;
    for (const at of positions) {
      const expected = { value: sums.get(at), status: 'PRESENT' };
      assert.deepEqual([servedValue(one, at), servedValue(other, at)], [expected, expected]);
    }
    assert.equal(asked(), 3);
  });
});

describe('filters that take long, of many events of one key', () => {
  const many = eventsOf(1_000, Array(1_000).fill('b').join(','));
  const sum = many.reduce((all, _, at) => all + at, 0);

  async function assertInTurns(work: () => unknown): Promise<void> {
    const others = await othersDuring(work);
    assert.ok(others >= 3, `${others} times`);
  }

  test('are asked in turns when its features are read', async () => {
    const row = packTiles(plan, tilesOf(many));
    await assertInTurns(async () => {
      const [values] = await windowColumns(view, positions, [row], { now: BigInt(noon) });
      assert.equal(values?.get(0)?.[1], sum);
    });
  });

  test('are asked no more when nobody waits for its features', async () => {
    const entity = { id: 'customer', definition: { joinKeys: [{ name: 'customer', type: 'INT64' }] } };
    const features = [{ view, entity, role: 'customer', position: 0 }] as unknown as readonly ResolvedFeature[];
    const left = new AbortController();
    const read = async () => {
      left.abort(new Error('left'));
      return { rows: [[packTiles(plan, tilesOf(many))]], failed: [] };
    };
    const keys = new Map([['customer', [[1n]]]]);
    await assert.rejects(serveFeatures(read, { features, keys, size: 1, waiting: left }), /left/);
  });

  test('are asked in turns when its fields are, and no more when nobody waits for them', async () => {
    const row = servedRow({ view }, packTiles(plan, tilesOf(many)), BigInt(noon));
    const left = new AbortController();
    const asked = preparedValues(row, [0], left);
    left.abort(new Error('left'));
    await assert.rejects(async () => asked, /left/);
    await assertInTurns(() => preparedValues(row, [0]));
    assert.equal(servedValue(row, 0).value, sum);
  });

  test('are asked in turns when it is pushed to or materialized', async () => {
    const tiles = tilesOf([...many]);
    await assertInTurns(() => advanceInTurns(plan, tiles, noon + 48 * 60 * minute));
    assert.equal(tiles.events.length, 0);
    const build = new KeyBuild(plan, noon + 48 * 60 * minute);
    const again = many.map((event) => ({ ...event }));
    await assertInTurns(() => build.prepare(again));
  });
});
