import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { type Scalar, scalar, type Value } from '../providers/contract/value-type.ts';
import { packBatch, packTable, unpackBatch, unpackTable } from '../providers/duckdb/process/packed-batches.ts';
import { anyText } from './conformance/any-text.ts';

const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const numbers = fc.double();
const texts = anyText();
const bytes = fc.uint8Array();

function mapsOf(elements: fc.Arbitrary<Scalar>): fc.Arbitrary<Value> {
  const entries = fc.array(fc.tuple(fc.oneof(texts, integers), fc.option(elements, { nil: null })));
  return entries.map((pairs) => new Map<Scalar, Scalar | null>(pairs));
}

/** Columns as they come from a store, and such as no store should give: what a cell holds must not be changed on its way. */
const columns = fc.constantFrom<fc.Arbitrary<Value>[]>(
  ...[[integers], [numbers], [texts], [bytes], [fc.boolean()], [integers, numbers, texts], [fc.bigInt()]],
  ...[[fc.array(numbers)], [fc.array(fc.option(integers))], [fc.array(texts), fc.array(bytes)], [fc.float32Array()]],
  [fc.array(numbers), numbers],
  ...[[mapsOf(integers)], [mapsOf(numbers)], [mapsOf(texts), mapsOf(bytes)], [mapsOf(texts), texts]],
);
const column = columns.chain((kinds) => fc.array(fc.option(fc.oneof(...kinds), { nil: null }), { maxLength: 40 }));

describe('batches that cross between processes', () => {
  test('arrive as they were, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(column, { maxLength: 4 }), (values) => {
        const batch = { size: values[0]?.length ?? 0, columns: values };
        assert.deepStrictEqual(unpackBatch(deserialize(serialize(packBatch(batch)))), batch);
      }),
      { numRuns: 500 },
    );
  });

  test('are a table again', async () => {
    const columns = ['n', 'map'].map((name) => ({ name, type: scalar('INT64') }));
    const table = {
      columns,
      rows: [
        [1n, new Map([['a', 1]])],
        [null, null],
        [3n, new Map([['b', null]])],
      ] as Value[][],
    };
    assert.deepStrictEqual(await unpackTable(deserialize(serialize(packTable(table)))), table);
  });

  test('take as many bytes as their values: whole numbers and numbers eight', () => {
    const rows = 1_000;
    const packed = packBatch({
      size: rows,
      columns: [
        Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? null : BigInt(row))),
        Array.from({ length: rows }, (_, row) => row / 3),
        Array.from({ length: rows }, (_, row) => [row / 3, null, row]),
        Array.from({ length: rows }, (_, row) => new Map([[BigInt(row), row / 3]])),
      ],
    });
    assert.deepEqual(
      packed.columns.map(({ kind }) => kind),
      ['INTEGERS', 'NUMBERS', 'LISTS', 'MAPS'],
    );
    assert.ok(serialize(packed).byteLength < rows * (8 + 8 + 3 * 8 + 4 + 8 + 4 + 16));
  });
});
