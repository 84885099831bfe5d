import fc from 'fast-check';
import { type KeyType, keyTypes } from '../../providers/contract/entity-key.ts';
import type { OfflineCapabilities } from '../../providers/contract/offline-store.ts';
import type { TypedColumn } from '../../providers/contract/table.ts';
import { formatValueType, scalar, type Value, type ValueType } from '../../providers/contract/value-type.ts';
import { formatDuration } from '../../src/registry/duration.ts';
import { fewValues, scalarNames } from './value-arbitraries.ts';
import type { DescribedView } from './view-catalog.ts';

/** What a world does to one of its views, which is the one of that number. Rows and times are counted likewise. */
export type Operation = { view: number } & (
  | { kind: 'MATERIALIZE'; from: bigint | undefined; to: bigint; batches: number }
  | { kind: 'PUSH'; rows: number[] }
  /** The source gets rows that it did not have, of whatever age. */
  | { kind: 'ARRIVE'; rows: number }
);

/** A view, the columns of its source and all the rows that will ever be in there, in the order of their arrival. */
export type ServedView = { described: DescribedView; columns: TypedColumn[]; rows: Value[][] };

export type ServedWorld = {
  /** T, in microseconds since 1970; a whole number of milliseconds. */
  until: bigint;
  keys: { name: string; type: KeyType }[];
  views: ServedView[];
  operations: Operation[];
};

const until = 1_700_000_000_000_000n;
/** Few, so that rows tie: around T and the bounds of TTLs, and the ends of time, of which the last is never served. */
const instants = [until, until - 1n, until - 1_000n, until - 1_001n, until + 1n, -62_135_596_800_000_000n];
const createdInstants = [until, until - 1_000n, until + 1n, 253_402_300_799_999_999n];
const bounds = [until, until - 1n, until - 1_000n, until - 1_001n, -62_135_596_800_000_001n];
const ttls = [undefined, undefined, 0n, 1n, 1_000n, 1_001n];

const valueTypes: readonly ValueType[] = [
  ...scalarNames.map(scalar),
  ...scalarNames.map((element): ValueType => ({ kind: 'ARRAY', element })),
  { kind: 'VECTOR', dimensions: 2, metric: 'L2' },
];

const cell = fc.nat(255);
const drawnView = fc.record({
  timed: fc.integer({ min: 0, max: 4 }),
  created: fc.boolean(),
  ttl: fc.nat(ttls.length - 1),
  narrow: fc.boolean(),
  values: fc.array(fc.constantFrom(...valueTypes), { minLength: 1, maxLength: 3 }),
  rows: fc.array(fc.array(cell, { minLength: 7, maxLength: 7 }), { maxLength: 16, size: 'max' }),
});
type DrawnView = typeof drawnView extends fc.Arbitrary<infer T> ? T : never;

const view = fc.nat(1);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    view,
    kind: fc.constant('MATERIALIZE' as const),
    from: fc.option(fc.constantFrom(...bounds), { nil: undefined, freq: 2 }),
    to: fc.constantFrom(...bounds),
    batches: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(4)),
  }),
  fc.record({ view, kind: fc.constant('PUSH' as const), rows: fc.array(fc.nat(15), { maxLength: 6 }) }),
  fc.record({ view, kind: fc.constant('ARRIVE' as const), rows: fc.integer({ min: 1, max: 8 }) }),
);

/** Small worlds of one entity and one or two views, and what is done to them before a last materialization. */
export function servedWorlds({ nulInText }: OfflineCapabilities): fc.Arbitrary<ServedWorld> {
  const drawn = fc.record({
    keys: fc.array(fc.constantFrom(...keyTypes), { minLength: 1, maxLength: 2 }),
    views: fc.array(drawnView, { minLength: 1, maxLength: 2 }),
    operations: fc.array(operation, { maxLength: 8, size: 'max' }),
  });
  return drawn.map(({ keys, views, operations }) => ({
    until,
    keys: keys.map((type, at) => ({ name: `k${at}`, type })),
    views: views.map((each, at) => servedView(`view${at}`, keys, each, nulInText)),
    operations: operations.map((each) => ({ ...each, view: each.view % views.length })),
  }));
}

/** A key has two rows of one event: the first is pushed, and the other, recorded later, corrects it. */
export const correctedWorld: ServedWorld = {
  until,
  keys: [{ name: 'k0', type: 'STRING' }],
  views: [
    {
      described: {
        name: 'view0',
        features: [{ name: 'v0', type: 'FLOAT64' }],
        eventTimestamp: 'event',
        createdTimestamp: 'created',
      },
      columns: [
        { name: 'k0', type: scalar('STRING') },
        { name: 'event', type: scalar('TIMESTAMP') },
        { name: 'created', type: scalar('TIMESTAMP') },
        { name: 'v0', type: scalar('FLOAT64') },
      ],
      rows: [
        ['a', until - 2_000n, until - 1_000n, 1],
        ['a', until - 2_000n, until, -0],
      ],
    },
  ],
  operations: [{ view: 0, kind: 'PUSH', rows: [0] }],
};

function servedView(name: string, keys: readonly KeyType[], drawn: DrawnView, nulInText: boolean): ServedView {
  const timed = drawn.timed > 0;
  const created = timed && drawn.created;
  const ttl = timed ? ttls[drawn.ttl] : undefined;
  const keyColumns = keys.map((type, at) => {
    const own = scalar(type === 'INT64' && drawn.narrow ? 'INT32' : type);
    return { name: `k${at}`, type: own, among: amongOf(own, nulInText).slice(0, 3) };
  });
  const times = [...(timed ? ['event'] : []), ...(created ? ['created'] : [])].map((time) => {
    return { name: time, type: scalar('TIMESTAMP'), among: time === 'event' ? instants : createdInstants };
  });
  const values = drawn.values.map((type, at) => ({ name: `v${at}`, type, among: amongOf(type, nulInText) }));
  const columns = [...keyColumns, ...times, ...values];
  return {
    described: {
      name,
      features: values.map((value) => ({ name: value.name, type: formatValueType(value.type) })),
      ...(timed && { eventTimestamp: 'event' }),
      ...(created && { createdTimestamp: 'created' }),
      ...(ttl !== undefined && { ttl: formatDuration(ttl) }),
    },
    columns: columns.map(({ name: column, type }) => ({
      name: column,
      type: type.kind === 'VECTOR' ? { kind: 'ARRAY', element: 'FLOAT32' } : type,
    })),
    rows: drawn.rows.map((row) =>
      columns.map(({ among }, at) => {
        const number = row[at] ?? 0;
        return number % 8 === 7 ? null : (among[(number >> 3) % among.length] ?? null);
      }),
    ),
  };
}

function amongOf(type: ValueType, nulInText: boolean): readonly Value[] {
  if (type.kind === 'VECTOR')
    return [
      [0, 0],
      [-0, 0],
      [Math.fround(0.1), -1],
      [2 ** -149, 3],
    ];
  const name = type.kind === 'SCALAR' ? type.name : type.element;
  const all = fewValues[name].filter((one) => nulInText || typeof one !== 'string' || !one.includes('\0'));
  if (type.kind === 'SCALAR') return all;
  return [[], [null], ...all.map((one) => [one]), [...all, null]];
}
