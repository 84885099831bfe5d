import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DateMillisecond,
  Dictionary,
  Field,
  Int32,
  LargeUtf8,
  List,
  Null,
  Struct,
  Table,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { Failure } from '../providers/contract/failure.ts';
import { scalar, type Value, type ValueType } from '../providers/contract/value-type.ts';
import { arrowStream } from '../src/retrieval/formats/arrow-format.ts';
import { readArrowRows } from '../src/values/arrow/arrow-rows.ts';
import { toJson } from '../src/values/json-value.ts';
import { fewValues, scalarNames, typedValue } from './conformance/value-arbitraries.ts';

const limits = { rows: 1_000, characters: 1_000_000 };
const read = (bytes: Uint8Array, more: Partial<typeof limits> = {}) =>
  readArrowRows(bytes, 'variables.rows', { ...limits, ...more });

async function written(type: ValueType, ...batches: Value[][]): Promise<Uint8Array> {
  async function* given() {
    for (const values of batches) yield { size: values.length, columns: [values] };
  }
  return Buffer.concat(await Array.fromAsync(arrowStream([{ name: 'it', type }], given())));
}

/** A schema whose list of fields leads to the same one so often, written by hand: no writer does that. */
function sameFieldOften(count: number): Uint8Array {
  const field = 76 + 4 * count;
  const bytes = Buffer.alloc(8 + field + 8);
  const message = bytes.subarray(8);
  const shorts = (at: number, ...values: number[]) => {
    for (const [nth, value] of values.entries()) message.writeInt16LE(value, at + 2 * nth);
  };
  const words = (at: number, ...values: number[]) => {
    for (const [nth, value] of values.entries()) message.writeInt32LE(value, at + 4 * nth);
  };
  bytes.writeInt32LE(-1, 0);
  bytes.writeInt32LE(message.length, 4);
  words(0, 16);
  // What a message, a schema and a field have, and where: then the message, the schema, its list and the field.
  shorts(4, 12, 12, 4, 6, 8, 0);
  shorts(28, 8, 8, 0, 4);
  shorts(48, 10, 8, 0, 0, 4);
  words(16, 12);
  shorts(20, 4, 1);
  words(24, 16);
  words(40, 12, 28);
  words(72, count, ...Array.from({ length: count }, (_, nth) => field - 76 - 4 * nth));
  words(field, field - 48, 1);
  return bytes;
}

async function refusal(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => assert.fail('it was read'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Failure, String(error));
  return `${error.code}: ${error.issues.map(({ path, message }) => `${path} ${message}`).join()}`;
}

describe('rows of Apache Arrow', () => {
  test('are what was written, of every type, with nulls, over several batches', async () => {
    for (const name of scalarNames) {
      const values: Value[] = [...fewValues[name], null];
      const { columns, names, size } = await read(await written(scalar(name), values, [null], values));
      assert.deepEqual([names, size], [['it'], 2 * values.length + 1]);
      assert.deepEqual(columns, [[...values, null, ...values].map((value) => toJson(scalar(name), value))], name);
    }
  });

  test('are what was written, whatever that is', async () => {
    await fc.assert(
      fc.asyncProperty(typedValue, async ({ type, value }) => {
        const { columns } = await read(await written(type, [value, null, value]), { characters: 100_000_000 });
        const json = toJson(type, value);
        assert.deepEqual(columns, [[json, null, json]]);
      }),
      { numRuns: 500 },
    );
  });

  test('have texts of dictionaries and of long offsets, in both formats, and instants of any unit', async () => {
    const words = ['one', 'two', null, 'one'];
    const table = new Table({
      chosen: vectorFromArray(words, new Dictionary(new Utf8(), new Int32())),
      long: vectorFromArray(words, new LargeUtf8()),
      seconds: vectorFromArray([0, 1_000, null, -1_000], new TimestampSecond()),
      milliseconds: vectorFromArray([0, 1, null, -1], new TimestampMillisecond('Europe/Berlin')),
      nanoseconds: vectorFromArray([0, 0.001, null, -0.001], new TimestampNanosecond('UTC')),
    });
    for (const format of ['stream', 'file'] as const) {
      const { columns } = await read(tableToIPC(table, format));
      assert.deepEqual(columns, [
        words,
        words,
        ['1970-01-01T00:00:00Z', '1970-01-01T00:00:01Z', null, '1969-12-31T23:59:59Z'],
        ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.001000Z', null, '1969-12-31T23:59:59.999000Z'],
        ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000001Z', null, '1969-12-31T23:59:59.999999Z'],
      ]);
    }
  });

  test('are refused by the name of a column that is none of ours, or would be cut', async () => {
    const pair = new Struct([new Field('x', new Int32())]);
    const structs = tableToIPC(new Table({ pair: vectorFromArray([{ x: 1 }], pair) }));
    assert.match(await refusal(read(structs)), /INVALID_INPUT: variables.rows the column "pair" is of no type of ours/);
    const nested = new List(new Field('item', new List(new Field('item', pair))));
    const lists = tableToIPC(new Table({ nested: vectorFromArray([[[{ x: 1 }]]], nested) }));
    assert.match(await refusal(read(lists)), /column "nested" is of no type/);
    const nanoseconds = tableToIPC(new Table({ at: vectorFromArray([0.000001], new TimestampNanosecond()) }));
    assert.match(await refusal(read(nanoseconds)), /column "at" has an instant with nanoseconds/);
  });

  test('are no more than they may be, whatever refers to what', async () => {
    const numbers = tableToIPC(tableFromArrays({ number: Int32Array.from({ length: 1_001 }, (_, at) => at) }));
    assert.match(await refusal(read(numbers)), /LIMIT_EXCEEDED: variables.rows has 1,001/);
    const text = 'x'.repeat(2_000);
    const often = vectorFromArray(Array(1_000).fill(text), new Dictionary(new Utf8(), new Int32()));
    assert.match(await refusal(read(tableToIPC(new Table({ often })))), /LIMIT_EXCEEDED/);
    const once = await read(tableToIPC(new Table({ often: often.slice(0, 10) })));
    assert.deepEqual(once.columns, [Array(10).fill(text)]);
    assert.match(await refusal(read(await written(scalar('STRING'), Array(600).fill(text)))), /LIMIT_EXCEEDED/);
  });

  test('are texts to the byte, days and nulls, and none of them is cut in silence', async () => {
    const nothing = new Table({
      word: vectorFromArray(['\uFEFFmark'], new Utf8()),
      none: vectorFromArray([null], new Null()),
    });
    assert.deepEqual((await read(tableToIPC(nothing))).columns, [['\uFEFFmark'], [null]]);
    const broken = Buffer.from(tableToIPC(new Table({ word: vectorFromArray(['zzzz'], new Utf8()) })));
    broken[broken.indexOf('zzzz') + 1] = 0xff;
    assert.match(await refusal(read(broken)), /column "word" has a text that is no UTF-8/);
    const days = (time: number) =>
      tableToIPC(new Table({ day: vectorFromArray([new Date(time)], new DateMillisecond()) }));
    assert.deepEqual((await read(days(-86_400_000))).columns, [['1969-12-31']]);
    assert.match(await refusal(read(days(1))), /column "day" has a date with a time of day/);
    const twice = Buffer.from(tableToIPC(tableFromArrays({ name_a: [1], name_b: [2] })));
    twice[twice.indexOf('name_b') + 5] = 'a'.charCodeAt(0);
    assert.match(await refusal(read(twice)), /variables.rows has two columns "name_a"/);
  });

  test('cost no more than their JSON would, however few bytes they are', async () => {
    const nulls = vectorFromArray(Array(1_000).fill(null), new Null());
    const wide = new Table(Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`none_${at}`, nulls])));
    assert.match(await refusal(read(tableToIPC(wide))), /LIMIT_EXCEEDED: variables.rows has more/);
    const numbers = tableToIPC(tableFromArrays({ a: new Int32Array(1_000), b: new Int32Array(1_000) }));
    const shared = Uint8Array.from(numbers);
    const view = new DataView(shared.buffer);
    const words = Array.from({ length: shared.length / 8 - 1 }, (_, word) => 8 * word);
    const first = words.find(
      (word) => view.getBigInt64(word, true) === 0n && view.getBigInt64(word + 8, true) === 4_000n,
    );
    view.setBigInt64((first ?? 0) + 8, 8_000n, true);
    assert.match(await refusal(read(shared)), /is no table of Apache Arrow/);
    const lengths = words.filter((word) => view.getBigInt64(word, true) === 1_000n);
    assert.equal(lengths.length, 3);
    for (const word of lengths) {
      const other = Uint8Array.from(numbers);
      new DataView(other.buffer).setBigInt64(word, 999n, true);
      assert.match(await refusal(read(other)), /is no table of Apache Arrow/);
    }
    assert.match(await refusal(read(sameFieldOften(100))), /of no type of ours/);
    assert.match(await refusal(read(sameFieldOften(100_000))), /is no table of Apache Arrow/);
  });

  test('that are damaged are refused, or read, and nothing else comes of them', async () => {
    const table = new Table({
      word: vectorFromArray(['one', 'two', null, 'four'], new Utf8()),
      chosen: vectorFromArray(['one', 'one', null, 'two'], new Dictionary(new Utf8(), new Int32())),
      list: vectorFromArray([[1, 2], [], null, [3]], new List(new Field('item', new Int32()))),
      at: vectorFromArray([1, 2, null, 4], new TimestampNanosecond()),
    });
    const [whole, file] = [tableToIPC(table, 'stream'), tableToIPC(table, 'file')];
    assert.equal(tableFromIPC(whole).numRows, 4);
    for (const bytes of [new Uint8Array(), Buffer.from('number\n1\n'), whole.subarray(0, 100), file.subarray(0, -1)])
      assert.match(await refusal(read(bytes)), /INVALID_INPUT: variables.rows is no table of Apache Arrow/);
    const change = fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(change, { minLength: 1, maxLength: 4 }), async (isFile, changes) => {
        const bytes = Uint8Array.from(isFile ? file : whole);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        await read(bytes).catch((error: unknown) => assert.ok(error instanceof Failure, String(error)));
      }),
      { numRuns: 3_000 },
    );
  });
});
