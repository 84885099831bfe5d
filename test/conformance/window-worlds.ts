import fc from 'fast-check';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import { formatDuration } from '../../src/registry/duration.ts';
import type { OracleEvent, OracleFeature } from '../oracle/windows.ts';

/** The columns of events, in the order of a view that reads them all: by name the type of each. */
export const eventColumnTypes = {
  n: 'INT64',
  i: 'INT32',
  x: 'FLOAT64',
  f: 'FLOAT32',
  s: 'STRING',
  b: 'BOOL',
  d: 'DATE',
  id: 'STRING',
} as const;
export type EventColumn = keyof typeof eventColumnTypes;

/** A feature as it is registered, and as the oracle is asked. */
export type WindowWorldFeature = {
  definition: { name: string; type: string; column?: string; aggregation: Record<string, unknown> };
  asked: OracleFeature;
};

/** Filters, and what they say of the values of an event. A comparison with what is not there is not true. */
const filters: readonly { filter: string; accepts: (values: OracleEvent['values']) => boolean }[] = [
  { filter: 'b', accepts: ({ b }) => b === true },
  { filter: 'n > 1 || i == 3', accepts: ({ n, i }) => (typeof n === 'bigint' && n > 1n) || i === 3 },
  { filter: 's != "a" && s < "b"', accepts: ({ s }) => s === '' },
];

/** One key: its events, and the moments at which it is asked. */
export type WindowWorld = { events: OracleEvent[]; instants: bigint[] };

export const second = 1_000_000n;
export const hour = 3_600n * second;

/** The moment until which a view is materialized: in the middle of a day, no multiple of any hop, and one that a clock of milliseconds tells. */
export const until = 1_711_849_845_123_000n;

const lengths = [90n * second, hour, 7n * hour + 1n, 36n * hour, 400n * 24n * hour, undefined];
const hops = [0n, 60n * second, 7n * 60n * second, hour, 24n * hour];
const offsets = [0n, 0n, 1n, hour, 3n * hour + 30n * second];

/** What a map may be by: so many choices that a third of all features are maps. */
const secondaryKeys = ['s', 'n', 'i', 'b', 'd'] as const;

const numeric = ['n', 'i', 'x', 'f'] as const;
const columns = ['n', 'i', 'x', 'f', 's', 'b', 'd'] as const;

const aggregated = fc.oneof(
  fc.constant({ function: 'COUNT' }),
  fc.record({ function: fc.constantFrom('COUNT', 'COUNT_DISTINCT'), column: fc.constantFrom(...columns) }),
  fc.record({
    function: fc.constantFrom('SUM', 'MEAN', 'VARIANCE', 'STDDEV', 'QUANTILE'),
    column: fc.constantFrom(...numeric),
  }),
  fc.record({
    function: fc.constantFrom('MIN', 'MAX', 'FIRST', 'LAST', 'LAST_K', 'COLLECT_DISTINCT'),
    column: fc.constantFrom(...columns),
  }),
);

const windows = fc.record({
  length: fc.constantFrom(...lengths),
  hop: fc.constantFrom(...hops),
  offset: fc.constantFrom(...offsets),
  inclusive: fc.boolean(),
});

export const worldFeatures: fc.Arbitrary<WindowWorldFeature[]> = fc
  .array(fc.tuple(aggregated, windows, fc.nat(2), fc.nat(3), fc.nat(14)), { minLength: 24, maxLength: 24 })
  .map((all) => all.map(([what, window, ...choices], at) => worldFeature(`feature_${at}`, what, window, choices)));

type What = { function: string; column?: EventColumn };

function worldFeature(
  name: string,
  what: What,
  window: Omit<OracleFeature, 'function'>,
  [choice, filter, secondary]: readonly [number, number, number],
): WindowWorldFeature {
  const { length } = window;
  const hop = length === undefined || window.hop > length ? 0n : window.hop;
  const of = what.column === undefined ? undefined : eventColumnTypes[what.column];
  const one = typeOf(what.function, of);
  const secondaryKey = one.endsWith('[]') ? undefined : secondaryKeys[secondary];
  const type = secondaryKey === undefined ? one : `MAP(${eventColumnTypes[secondaryKey]}, ${one})`;
  const own = {
    ...(what.function === 'LAST_K' && { k: choice + 1 }),
    ...(what.function.includes('DISTINCT') && choice > 0 && { limit: choice * 3 }),
    ...(what.function === 'QUANTILE' && { quantile: choice / 2 }),
  };
  const whenEmpty = choice === 2 ? { INT64: -1n, FLOAT64: 0.5, STRING: 'none' }[type] : undefined;
  const keyed = secondaryKey !== undefined && { secondaryKey };
  const { function: asked, column } = what;
  const filtered = filter === 0 ? filters[Number(name.slice(8)) % filters.length] : undefined;
  return {
    definition: {
      name,
      type,
      ...(column !== undefined && { column }),
      aggregation: {
        function: asked,
        ...own,
        ...keyed,
        ...(of !== undefined && { of }),
        ...writtenWindow({ ...window, hop }),
        ...(whenEmpty !== undefined && { default: String(whenEmpty) }),
        ...(filtered && { filter: filtered.filter }),
      },
    },
    asked: {
      ...window,
      ...own,
      ...keyed,
      hop,
      function: asked,
      ...(column !== undefined && { column }),
      ...(whenEmpty !== undefined && { whenEmpty }),
      integers: one === 'INT64',
      ...(filtered && { accepts: filtered.accepts }),
    },
  };
}

function writtenWindow({ length, hop, offset, inclusive }: Omit<OracleFeature, 'function'>): Record<string, unknown> {
  return {
    window: length === undefined ? 'FOREVER' : formatDuration(length),
    ...(hop > 0n && { hop: formatDuration(hop) }),
    ...(offset > 0n && { offset: formatDuration(offset) }),
    ...(inclusive && { inclusive: true }),
  };
}

function typeOf(name: string, of: string | undefined): string {
  if (name.startsWith('COUNT')) return 'INT64';
  if (name === 'SUM') return of?.startsWith('FLOAT') ? 'FLOAT64' : 'INT64';
  if (['MEAN', 'VARIANCE', 'STDDEV', 'QUANTILE'].includes(name)) return 'FLOAT64';
  return name === 'LAST_K' || name === 'COLLECT_DISTINCT' ? `${of}[]` : (of ?? '');
}

/** How long before T an event or a question is: crowded around the edges of windows and hops, and a microsecond beside. */
const ages = fc
  .tuple(
    fc.constantFrom(
      0n,
      0n,
      60n * second,
      90n * second,
      hour,
      7n * hour,
      36n * hour,
      400n * 24n * hour,
      3n * 400n * 24n * hour,
    ),
    fc.constantFrom(0n, 0n, 1n, -1n, 30n * second, 420n * second, hour, 25n * hour),
    fc.boolean(),
  )
  .map(([far, near, rounded]) => {
    const moment = until - far - near;
    return rounded ? moment - (moment % (60n * second)) : moment;
  });

const few: { readonly [column in Exclude<EventColumn, 'id'>]: readonly Scalar[] } = {
  n: [0n, 1n, 2n, -5n, 2n ** 53n + 1n, 2n ** 62n, -(2n ** 63n), 2n ** 63n - 1n],
  i: [0, 1, 3, -7, 2 ** 31 - 1],
  x: [0, -0, 0.1, 1, 2, 1e16, -1e16, 1e-300, 1e300, -1e300, 1.7e308, 5e-324, 1e9, 1e9 + 1, 1e9 + 2],
  f: [0, 1, Math.fround(0.1), -3.5, Math.fround(1e38), 2 ** -149],
  s: ['', 'a', 'b', 'é', '\u{1f600}', '\uffff', "x'y"],
  b: [true, false],
  d: [0, 19_000, -1],
};
const rare = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

function values(column: Exclude<EventColumn, 'id'>): fc.Arbitrary<Value> {
  const one = fc.constantFrom(...few[column]);
  const all =
    column === 'x' ? fc.oneof({ weight: 40, arbitrary: one }, { weight: 1, arbitrary: fc.constantFrom(...rare) }) : one;
  return fc.oneof({ weight: 5, arbitrary: all }, { weight: 1, arbitrary: fc.constant(null) });
}

const events = fc
  .tuple(
    ages,
    fc.oneof(fc.constant(null), fc.constantFrom(0n, 1n, hour, until, until + 1n)),
    fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('one', 'two') }),
    ...columns.map(values),
  )
  .map(([time, delay, id, n, i, x, f, s, b, d]) => ({
    time,
    created: delay === null || delay >= until ? delay : time + delay,
    id,
    values: { n, i, x, f, s, b, d },
  }));

/** Every event has an id: most one of their own, so that what comes again is rare but there. */
export const windowWorlds: fc.Arbitrary<WindowWorld> = fc
  .record({ drawn: fc.array(events, { maxLength: 20 }), asked: fc.array(ages, { minLength: 3, maxLength: 5 }) })
  .map(({ drawn, asked }) => ({
    events: drawn.map(({ id, ...event }, at) => {
      const known = id ?? `id ${at}`;
      return { ...event, id: known, values: { ...event.values, id: known } } as OracleEvent;
    }),
    instants: [...new Set([...asked, until])],
  }));
