import fc from 'fast-check';
import type { AsOfJoin, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { TypedColumn } from '../../providers/contract/table.ts';
import { scalar, type Value } from '../../providers/contract/value-type.ts';

const base = 1_700_000_000_000_000n;

/** Few values, so that keys meet, times tie and durations fall on boundaries. */
const instants = fc.option(
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 6 }).map((step) => base + BigInt(step)) },
    { weight: 1, arbitrary: fc.constantFrom(-62_135_596_800_000_000n, 253_402_300_799_999_999n) },
  ),
  { freq: 8 },
);
const durations = fc.option(fc.integer({ min: 0, max: 4 }).map(BigInt), { nil: undefined });
const textKeys = fc.option(fc.constantFrom('a', 'a|b', "b'", '"', '', 'é', '\u{1f600}', '\uffff'), { freq: 10 });
const narrowKeys = fc.option(fc.integer({ min: -1, max: 1 }), { freq: 10 });
const wideKeys = fc.option(fc.integer({ min: -1, max: 1 }).map(BigInt), { freq: 10 });
const floats = fc.option(fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 0.1), { freq: 3 });
const lists = fc.option(fc.array(fc.option(fc.constantFrom(0, -0, Number.NaN, 1)), { maxLength: 2 }), { freq: 3 });

const spineColumns: TypedColumn[] = [
  { name: 'text', type: scalar('STRING') },
  { name: 'number', type: scalar('INT32') },
  { name: 'at', type: scalar('TIMESTAMP') },
];
const viewColumns: TypedColumn[] = [
  { name: 'text', type: scalar('STRING') },
  { name: 'number', type: scalar('INT64') },
  { name: 'event', type: scalar('TIMESTAMP') },
  { name: 'created', type: scalar('TIMESTAMP') },
  { name: 'float', type: scalar('FLOAT64') },
  { name: 'list', type: { kind: 'ARRAY', element: 'FLOAT32' } },
  { name: 'text value', type: scalar('STRING') },
];
const values = ['float', 'list', 'text value'];

function rows(
  columns: TypedColumn[],
  row: fc.Arbitrary<Value[]>,
  [minLength, maxLength]: [number, number],
): fc.Arbitrary<Relation> {
  return fc
    .array(row, { minLength, maxLength, size: 'max' })
    .map((all): Relation => ({ kind: 'ROWS', columns, rows: all }));
}

const keySets = fc.constantFrom(['text'], ['number'], ['text', 'number']);

export type WorldSize = { spine: [number, number]; view: [number, number]; joins: number };

/** A crowded world: one spine and some views, over which everything that can go wrong does so often. */
export function worldsOf({ spine, view, joins }: WorldSize): fc.Arbitrary<PointInTimePlan> {
  const spines = rows(spineColumns, fc.tuple(textKeys, narrowKeys, instants), spine);
  const views = rows(viewColumns, fc.tuple(textKeys, wideKeys, instants, instants, floats, lists, textKeys), view);
  const drawnJoins = fc.array(joinsOf(views), { minLength: 1, maxLength: joins });
  return fc
    .record({ spine: spines, timed: fc.integer({ min: 0, max: 4 }), joins: drawnJoins })
    .map(({ spine: relation, timed, joins: drawn }) => ({
      spine: {
        relation,
        ...(timed > 0 ? { timestamp: 'at' } : {}),
        columns: spineColumns.map(({ name }) => ({ column: name, as: name })),
      },
      joins: drawn.map((join, index) => ({
        ...join,
        columns: [...values, ...(join.eventTimestamp === undefined ? [] : ['event'])].map((column) => ({
          column,
          as: `${index} ${column}`,
        })),
      })),
    }));
}

function joinsOf(views: fc.Arbitrary<Relation>): fc.Arbitrary<Omit<AsOfJoin, 'columns'>> {
  return fc.record({
    relation: views,
    keys: keySets.map((names) => names.map((name) => ({ spine: name, joined: name }))),
    eventTimestamp: fc.option(fc.constant('event'), { nil: undefined, freq: 4 }),
    createdTimestamp: fc.option(fc.constant('created'), { nil: undefined, freq: 2 }),
    ttl: durations,
    lag: durations,
    knownAsOf: fc.boolean(),
    tieBreak: fc.constant(values),
  });
}
