import fc from 'fast-check';
import { type KeyType, keyTypes } from '../../providers/contract/entity-key.ts';
import type { OfflineCapabilities } from '../../providers/contract/offline-store.ts';
import type { AsOfJoin, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { TypedColumn } from '../../providers/contract/table.ts';
import { type ScalarName, scalar, type Value, type ValueType } from '../../providers/contract/value-type.ts';
import { fewValues, scalarNames } from './value-arbitraries.ts';

/**
 * A crowded world: one spine and some views, over which everything that can go wrong does so often. It is drawn as
 * small numbers, of which every cell picks a value among few, so that keys meet, times tie and durations end on
 * boundaries; and so that a failure shrinks to the least of everything.
 */
export function worldsOf(
  { spine, view, joins }: WorldSize,
  { nulInText }: Pick<OfflineCapabilities, 'nulInText'>,
): fc.Arbitrary<PointInTimePlan> {
  return fc
    .record({
      clock: fc.constantFrom(...clocks),
      keys: fc.array(fc.record({ type: fc.constantFrom(...keyTypes), from: fc.nat(20) }), {
        minLength: 1,
        maxLength: 2,
      }),
      spine: fc.record({ time: timeForms, narrow: fc.boolean(), cells: cells(spine), again: fc.array(fc.nat(9)) }),
      views: fc.array(drawnViews(view), { minLength: 1, maxLength: joins, size: 'max' }),
      joins: fc.array(drawnJoins, { minLength: 1, maxLength: joins, size: 'max' }),
      order: fc.array(fc.nat(99), { maxLength: 12 }),
    })
    .map((drawn) => new WorldOfNumbers(drawn.clock, drawn.keys, nulInText).plan(drawn));
}

export type WorldSize = { spine: [number, number]; view: [number, number]; joins: number };

/**
 * The relation that a store is given for one of a world. Rows have no naive timestamps, so columns that are called
 * naive become so in SQL, of which any engine's session can make one thing only: what the clock showed in UTC.
 */
export function asStored(plan: PointInTimePlan): PointInTimePlan {
  const known = new Map<Relation, Relation>();
  const stored = (relation: Relation): Relation => {
    const made = known.get(relation) ?? withNaiveColumns(relation);
    known.set(relation, made);
    return made;
  };
  return {
    ...plan,
    spine: { ...plan.spine, relation: stored(plan.spine.relation) },
    joins: plan.joins.map((join) => ({ ...join, relation: stored(join.relation) })),
  };
}

function withNaiveColumns(relation: Relation): Relation {
  if (relation.kind !== 'ROWS' || !relation.columns.some(({ name }) => name.startsWith(naive))) return relation;
  const selected = relation.columns.map(({ name }) =>
    name.startsWith(naive) ? `"${name}" AT TIME ZONE 'UTC' AS "${name}"` : `"${name}"`,
  );
  return { kind: 'QUERY', sql: `SELECT ${selected.join(', ')} FROM {{ rows }} AS r`, inputs: { rows: relation } };
}

const naive = 'naive ';

/** Where a world's times lie: microseconds since 1970, and how far apart. */
type Clock = { base: bigint; step: bigint };

const [hour, day] = [3_600_000_000n, 86_400_000_000n];
const [firstInstant, lastInstant] = [-62_135_596_800_000_000n, 253_402_300_799_999_999n];
const clocks: readonly Clock[] = [
  { base: 1_700_000_000_000_000n, step: 1n },
  // Clocks go forward in Europe and back in America: hours that a zoned session has twice or never.
  { base: 1_711_843_200_000_000n, step: hour },
  { base: 1_730_606_400_000_000n, step: hour },
  { base: 1_710_028_800_000_000n, step: day },
  { base: -3n * day, step: day },
  { base: firstInstant, step: hour },
  { base: lastInstant - 2n * day, step: day },
];

type TimeForm = 'TIMESTAMP' | 'NAIVE' | 'DATE' | 'NONE';
const timeForms = fc.constantFrom<TimeForm[]>('TIMESTAMP', 'TIMESTAMP', 'NAIVE', 'DATE', 'NONE');

const valueTypes: readonly ValueType[] = [
  ...scalarNames.map(scalar),
  ...scalarNames.map((element): ValueType => ({ kind: 'ARRAY', element })),
];

const cellsOfRow = 8;

function cells([minLength, maxLength]: [number, number]): fc.Arbitrary<Uint8Array[]> {
  const row = fc.uint8Array({ minLength: cellsOfRow, maxLength: cellsOfRow });
  return fc.array(row, { minLength, maxLength, size: 'max' });
}

const drawnViews = (size: [number, number]) =>
  fc.record({
    event: timeForms,
    created: timeForms,
    narrow: fc.boolean(),
    naiveKeys: fc.boolean(),
    values: fc.array(fc.constantFrom(...valueTypes), { minLength: 1, maxLength: 3 }),
    cells: cells(size),
  });
type DrawnView = ReturnType<typeof drawnViews> extends fc.Arbitrary<infer T> ? T : never;

const drawnJoins = fc.record({
  view: fc.nat(9),
  role: fc.constantFrom('a', 'b'),
  byAllKeys: fc.boolean(),
  ttl: fc.nat(9),
  lag: fc.nat(9),
  knownAsOf: fc.boolean(),
});
type DrawnJoin = typeof drawnJoins extends fc.Arbitrary<infer T> ? T : never;

/** A join key: its values are three of its type's, counted `from` one of them. */
type DrawnKey = { type: KeyType; from: number };

type Drawn = {
  spine: { time: TimeForm; narrow: boolean; cells: Uint8Array[]; again: number[] };
  views: DrawnView[];
  joins: DrawnJoin[];
  /** Where each output column in turn is moved to; empty: they stay as the plan has them. */
  order: number[];
};

/** A column of a world, and the values among which its cells pick. */
type Column = TypedColumn & { among: readonly Value[] };

type MadeView = {
  relation: Relation;
  keys: Column[];
  event: string | undefined;
  created: string | undefined;
  values: string[];
};

class WorldOfNumbers {
  readonly #clock: Clock;
  readonly #keys: readonly DrawnKey[];
  readonly #nulInText: boolean;

  constructor(clock: Clock, keys: readonly DrawnKey[], nulInText: boolean) {
    this.#clock = clock;
    this.#keys = keys;
    this.#nulInText = nulInText;
  }

  plan({ spine, views, joins: drawnJoins, order }: Drawn): PointInTimePlan {
    const keyColumns = ['a', 'b'].flatMap((role) => this.#keys.map((key, at) => this.#key(role, at, key, spine)));
    const time = this.#time('at', spine.time);
    const columns = [...keyColumns, ...time];
    const repeated = spine.again.flatMap((at) => spine.cells[at] ?? []);
    const made = views.map((view) => this.#view(view));
    const joins = drawnJoins.flatMap((join, at) => {
      const view = made[join.view % made.length];
      return view === undefined ? [] : this.#join(join, view, at);
    });
    const planned = [...columns.map(({ name }) => name), ...joins.flatMap((join) => join.columns.map(({ as }) => as))];
    return {
      spine: {
        relation: rows(columns, [...spine.cells, ...repeated]),
        columns: columns.map(({ name }) => ({ column: name, as: name })),
        ...(time[0] !== undefined && { timestamp: time[0].name }),
      },
      joins,
      ...(order.length > 0 && { output: moved(planned, order) }),
    };
  }

  #view(view: DrawnView): MadeView {
    const keys = this.#keys.map((key, at) => this.#key(view.naiveKeys ? `${naive}k` : 'k', at, key, view));
    const event = this.#time('event', view.event);
    const created = this.#time('created', view.created);
    const values = view.values.map((type, at) => ({ name: `v${at}`, type, among: this.#valuesOf(type) }));
    const relation = rows([...keys, ...event, ...created, ...values], view.cells);
    return { relation, keys, event: event[0]?.name, created: created[0]?.name, values: values.map(({ name }) => name) };
  }

  #join(join: DrawnJoin, view: MadeView, at: number): AsOfJoin {
    const { step } = this.#clock;
    const durations = [undefined, 0n, step, 2n * step, step - 1n, step + 1n];
    const [ttl, lag] = [durations[join.ttl % durations.length], durations[join.lag % durations.length]];
    const keys = view.keys.map(({ name }, key) => ({ spine: `${join.role}${key}`, joined: name }));
    const asked = view.event === undefined ? view.values : [...view.values, view.event];
    return {
      relation: view.relation,
      keys: join.byAllKeys ? keys : keys.slice(0, 1),
      ...(view.event !== undefined && { eventTimestamp: view.event }),
      ...(view.created !== undefined && { createdTimestamp: view.created }),
      ...(ttl !== undefined && { ttl }),
      ...(lag !== undefined && { lag }),
      knownAsOf: join.knownAsOf,
      columns: asked.map((column) => ({ column, as: `${at} ${column}` })),
      tieBreak: view.values,
    };
  }

  /** Ids of whole numbers are narrow in one relation and wide in another; instants are naive or not. */
  #key(role: string, at: number, { type, from }: DrawnKey, { narrow }: { narrow: boolean }): Column {
    const own: ScalarName = type === 'INT64' && narrow ? 'INT32' : type;
    const prefix = type === 'TIMESTAMP' ? role : role.replace(naive, '');
    const all = this.#valuesOf(scalar(own));
    const among = [0, 1, 2].map((next) => all[(from + next) % all.length] ?? null);
    return { name: `${prefix}${at}`, type: scalar(own), among };
  }

  #time(name: string, form: TimeForm): Column[] {
    if (form === 'NONE') return [];
    const { base, step } = this.#clock;
    const steps = Array.from({ length: 4 }, (_, at) => base + BigInt(at) * step);
    const instants = [...steps, ...steps.map((one) => one - 1n), ...steps.map((one) => one + 1n)].filter(
      (one) => one >= firstInstant && one <= lastInstant,
    );
    if (form === 'DATE') {
      const days = [...new Set(steps.map((one) => Number(one - (((one % day) + day) % day)) / Number(day)))];
      return [{ name, type: scalar('DATE'), among: days.filter((one) => one <= 2_932_896) }];
    }
    return [{ name: form === 'NAIVE' ? naive + name : name, type: scalar('TIMESTAMP'), among: instants }];
  }

  #valuesOf(type: ValueType): readonly Value[] {
    const holds = (one: Value) => this.#nulInText || typeof one !== 'string' || !one.includes('\0');
    if (type.kind === 'SCALAR') return fewValues[type.name].filter(holds);
    const element = type.kind === 'ARRAY' ? type.element : 'FLOAT32';
    const elements = fewValues[element].filter(holds);
    const [first = null, second = null, third = null] = elements;
    return [
      [],
      ...elements.map((one) => [one]),
      [null],
      [first, second],
      [second, first],
      [first, null],
      [null, third],
    ];
  }
}

/** The names in another order: each in turn goes to the place that its number picks. */
function moved(names: readonly string[], places: readonly number[]): string[] {
  const order = [...names];
  for (const [from, place] of places.entries()) {
    const [name] = order.splice(from % order.length, 1);
    if (name !== undefined) order.splice(place % (order.length + 1), 0, name);
  }
  return order;
}

/** One cell in eight is null; the least number picks the first value. */
function rows(columns: readonly Column[], numbers: readonly Uint8Array[]): Relation {
  return {
    kind: 'ROWS',
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: numbers.map((row) =>
      columns.map(({ among }, at) => {
        const number = row[at] ?? 0;
        return number % 8 === 7 ? null : (among[(number >> 3) % among.length] ?? null);
      }),
    ),
  };
}
