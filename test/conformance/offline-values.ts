import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMap } from '../../providers/contract/map-values.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { formatValueType, mapKeys, type Scalar, type Value } from '../../providers/contract/value-type.ts';
import { collected, context, latestRows, rejectsWith, retrieved, rows } from './offline-rows.ts';
import { scalarNames } from './value-arbitraries.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Values that a careless conversion changes, by type. */
const hardValues: Record<string, Value[]> = {
  BOOL: [true, false, null],
  INT32: [0, -(2 ** 31), 2 ** 31 - 1, null],
  INT64: [0n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, null],
  FLOAT32: [0, -0, Math.fround(0.1), Number.NaN, Number.NEGATIVE_INFINITY, 1.401298464324817e-45, null],
  FLOAT64: [0, -0, 0.1, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, null],
  STRING: ['', ' ', "it's", '"q"', 'é', 'e\u0301', '\u{1f600}', 'x'.repeat(70_000), null],
  BYTES: [bytes(), bytes(0), bytes(0, 255, 39), new Uint8Array(5000).fill(7), null],
  DATE: [0, -719_162, 2_932_896, -1, null],
  TIMESTAMP: [0n, -1n, 1n, -62_135_596_800_000_000n, 253_402_300_799_999_999n, null],
  'INT64[]': [[], [null], [2n ** 63n - 1n, null, -1n], null],
  'FLOAT32[]': [[-0, 0, null, Number.NaN], [], null],
  'STRING[]': [['', null, "'"], [], null],
  'BYTES[]': [[bytes(0), null], null],
  'DATE[]': [[-719_162, null], null],
  'TIMESTAMP[]': [[-62_135_596_800_000_000n, null, 1n], null],
  'BOOL[]': [[true, null, false], null],
};

/** Every type of the system through every way in and out. */
export function describeValues(store: () => OfflineStore): void {
  describe('values', () => {
    for (const [type, values] of Object.entries(hardValues)) {
      const relation = keyed(type, values);
      test(`of type ${type} come back as they are`, () => comesBack(store(), relation, values));
    }

    test('of text with U+0000 come back as they are, or are refused with the place', async () => {
      const values = ['a', 'a\0b', '\0'];
      const relation = keyed('STRING', values);
      if (store().capabilities.nulInText) return comesBack(store(), relation, values);
      const error = await rejectsWith('INVALID_INPUT', store().count(relation));
      assert.match(error.message, /^rows\[1\]\.value/);
    });

    test('that it can not hold are told before, and refused after', async () => {
      const relations = [
        rows(['value STRING'], [['fine'], ['a\0b'], [null]]),
        rows(['value STRING[]', 'other INT64'], [[['', 'a\0b'], 1n]]),
        rows(['value TIMESTAMP'], [[-(2n ** 62n)], [2n ** 63n - 1n]]),
        rows(['value DATE'], [[-(2 ** 31) + 1], [2 ** 31 - 1], [0]]),
        rows([`${'x'.repeat(64)} INT64`], [[1n]]),
        rows(['value INT64'], [[1n], [null]]),
      ];
      for (const relation of relations) {
        if (relation.kind !== 'ROWS') continue;
        const issues = store().unheld(relation);
        for (const { path } of issues) assert.match(path, /^(rows\[\d\]\[\d\](\[\d\])?|columns\[\d\]\.name)$/);
        if (issues.length === 0) assert.equal(await store().count(relation), relation.rows.length);
        else await rejectsWith('INVALID_INPUT', store().count(relation));
      }
      assert.deepEqual(
        store()
          .unheld(relations[0] as Extract<Relation, { kind: 'ROWS' }>)
          .map(({ path }) => path),
        store().capabilities.nulInText ? [] : ['rows[1][0]'],
      );
    });

    test('of a vector come back as its numbers', async () => {
      const vectors = [Float32Array.of(0.5, -0, 3), null, Float32Array.of(1, 2, Math.fround(0.1))];
      const relation = keyed('VECTOR(3, L2)', vectors);
      await comesBack(
        store(),
        relation,
        vectors.map((vector) => vector && Array.from(vector)),
      );
    });

    test('of maps come back as they are, in the order of their keys, from a run and joined to it', async () => {
      const hard = (type: string) => hardValues[type] as Value[];
      const keys = mapKeys.map((key) => [key, hard(key).filter((value) => value !== null) as Scalar[]] as const);
      const types = scalarNames.flatMap((element) =>
        keys.map(([key, all]) => ({ type: `MAP(${key}, ${element})`, all, of: hard(element) })),
      );
      // Each element once by each key, an empty map and none.
      const maps = types.map(({ all, of }) => [
        ...of.map(
          (_, at) =>
            new Map(
              all.map((key, place): [Scalar, Scalar | null] => [
                key,
                (of[(at + place) % of.length] ?? null) as Scalar | null,
              ]),
            ),
        ),
        new Map(),
        null,
      ]);
      const height = Math.max(...maps.map((column) => column.length));
      const sent = Array.from({ length: height }, (_, row) => [
        BigInt(row),
        ...maps.map((column) => column[row] ?? null),
      ]);
      const joined = rows(['driver INT64', ...types.map(({ type }, at) => `m${at} ${type}`)], sent);
      const columns = types.map((_, at) => ({ column: `m${at}`, as: `m${at}` }));
      const spine = {
        relation: rows(
          ['driver INT64'],
          sent.map(([driver]) => [driver ?? null]),
        ),
        columns: [{ column: 'driver', as: 'driver' }],
      };
      const keyed = { keys: [{ spine: 'driver', joined: 'driver' }], knownAsOf: false, tieBreak: [] };
      const run = 'maps';
      const { columns: told } = await store().retrieve(
        { spine, joins: [{ ...keyed, relation: joined, columns }] },
        run,
        context(),
      );
      assert.deepEqual(
        told.slice(1).map(({ type }) => formatValueType(type)),
        types.map(({ type }) => type),
      );
      const read = await store().readRun(run, 0, height);
      const streamed = await collected(store().streamRun(run, new AbortController().signal));
      const again = {
        kind: 'BATCHES' as const,
        columns: told,
        batches: () => store().streamRun(run, new AbortController().signal),
      };
      const copied = await retrieved(store(), {
        spine: { relation: again, columns: told.map(({ name }) => ({ column: name, as: name })) },
        joins: [],
      });
      await store().dropRun(run);
      const entries = (all: Value[][]) => all.map((row) => row.map((value) => (isMap(value) ? [...value] : value)));
      for (const answered of [read.rows, streamed, copied]) assert.deepEqual(entries(answered), entries(sent));
    });

    test('of maps keep the signs of their zeros in any number of rows', async () => {
      const maps = Array.from({ length: 3_000 }, (_, row) => [BigInt(row), new Map([['a', row % 2 === 0 ? 0 : -0]])]);
      const relation = rows(['driver INT64', 'value MAP(STRING, FLOAT64)'], maps);
      const columns = ['driver', 'value'].map((name) => ({ column: name, as: name }));
      const answered = await retrieved(store(), { spine: { relation, columns }, joins: [] });
      assert.deepEqual(answered, maps);
    });

    test('of a hundred thousand rows come back in order', async () => {
      const values = Array.from({ length: 100_000 }, (_, index) => [BigInt(index), index % 7 ? `row ${index}` : null]);
      const { rows: previewed } = await store().preview(rows(['key INT64', 'value STRING'], values), 200_000);
      assert.deepEqual(previewed, values);
    });

    test('that are not of their type are refused, with the place', async () => {
      const wrong: [string, Value][] = [
        ['INT32', 2 ** 31],
        ['INT32', 0.5],
        ['INT64', 1],
        ['INT64', 2n ** 63n],
        ['STRING', '\ud800'],
        ['BYTES', 'text'],
        ['DATE', 1.5],
        ['TIMESTAMP', 2n ** 63n],
        ['FLOAT64', '1'],
        ['BOOL', 1],
        ['INT64[]', [1]],
        ['VECTOR(2)', Float32Array.of(1)],
        ['MAP(STRING, INT64)', ['a', 1n]],
        ['MAP(STRING, INT64)', new Map([['a', 1]])],
        ['MAP(INT64, BOOL)', new Map([['1', true]])],
      ];
      for (const [type, value] of wrong) {
        const sent = rows(
          ['key INT64', `value ${type}`],
          [
            [1n, null],
            [2n, value],
          ],
        );
        const error = await rejectsWith('INVALID_INPUT', store().count(sent));
        assert.match(error.message, /^rows\[1\]\.value/, type);
      }
    });

    test('have the types that the table of types says', async () => {
      const types = Object.keys(hardValues);
      const columns = await store().columns(
        rows(
          types.map((type, index) => `c${index} ${type}`),
          [],
        ),
      );
      const table = await store().preview(
        rows(
          types.map((type, index) => `c${index} ${type}`),
          [],
        ),
        1,
      );
      assert.deepEqual(
        columns.map(({ name, type }) => ({ name, type })),
        table.columns,
      );
      assert.equal(columns.length, types.length);
      assert.ok(columns.every(({ type }) => type !== undefined));
    });
  });
}

function keyed(type: string, values: Value[]): Relation {
  return rows(
    ['key INT64', `value ${type}`],
    values.map((value, index) => [BigInt(index), value]),
  );
}

async function comesBack(store: OfflineStore, relation: Relation, values: Value[]): Promise<void> {
  const expected = values.map((value, index): Value[] => [BigInt(index), value]);
  assert.deepEqual((await store.preview(relation, 1000)).rows, expected, 'preview');

  const latest = await latestRows(store, { relation, keys: ['key'], columns: ['value'] });
  const byKey = latest.sort(([left], [right]) => Number(left) - Number(right));
  assert.deepEqual(
    byKey,
    expected.map(([key = null, value = null]) => [key, null, null, value]),
    'latest',
  );

  const query: Relation = { kind: 'QUERY', sql: 'SELECT * FROM {{ rows }} AS r', inputs: { rows: relation } };
  await store.transform('values', query, context());
  assert.deepEqual((await store.preview({ kind: 'TRANSFORMED', id: 'values' }, 1000)).rows, expected, 'transform');
  await store.dropTransformed('values');

  const columns = ['key', 'value'].map((column) => ({ column, as: column }));
  const join = {
    relation,
    keys: [{ spine: 'key', joined: 'key' }],
    knownAsOf: false,
    columns: [{ column: 'value', as: 'joined' }],
    tieBreak: ['value'],
  };
  await store.retrieve({ spine: { relation, columns }, joins: [join] }, 'values', context());
  const joined = expected.map(([key = null, value = null]) => [key, value, value]);
  assert.deepEqual((await store.readRun('values', 0, 1000)).rows, joined, 'run');
  assert.deepEqual(await collected(store.streamRun('values', new AbortController().signal)), joined, 'stream');
  await store.dropRun('values');
}
