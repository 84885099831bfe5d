import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Failure } from '../providers/contract/failure.ts';
import { assertColumns, columnsOf, OpenedFiles } from './files/opened-files.ts';

const format = 'JSON' as const;
const january = 19_723;

/** What a column of JSON is taken for when nobody says what it is, and the values that it then has. */
const guesses: { what: string; cells: string[]; type: string; values: unknown[] }[] = [
  {
    what: 'whole numbers',
    cells: ['1', 'null', '-9223372036854775808'],
    type: 'INT64',
    values: [1n, null, -(2n ** 63n)],
  },
  { what: 'decimals', cells: ['1', '19.99', '1e-5'], type: 'FLOAT64', values: [1, 19.99, 1e-5] },
  {
    what: 'numbers beyond 2^63',
    cells: ['18446744073709551615', '18446744073709551614'],
    type: 'STRING',
    values: ['18446744073709551615', '18446744073709551614'],
  },
  { what: 'truths', cells: ['true', 'false'], type: 'BOOL', values: [true, false] },
  { what: 'truths and numbers', cells: ['true', '1'], type: 'STRING', values: ['true', '1'] },
  { what: 'a number and a text', cells: ['1', '"x"'], type: 'STRING', values: ['1', 'x'] },
  { what: 'texts of digits', cells: ['"1"', '"2"'], type: 'STRING', values: ['1', '2'] },
  { what: 'days', cells: ['"2024-01-01"'], type: 'DATE', values: [january] },
  {
    what: 'a UUID in upper case',
    cells: ['"6F9619FF-8B86-D011-B42D-00C04FC964FF"'],
    type: 'STRING',
    values: ['6F9619FF-8B86-D011-B42D-00C04FC964FF'],
  },
  { what: 'lists of whole numbers', cells: ['[1,null]', '[]'], type: 'INT64[]', values: [[1n, null], []] },
  { what: 'lists of numbers and texts', cells: ['[1]', '["x"]'], type: 'STRING[]', values: [['1'], ['x']] },
];

const refused: { what: string; content: string; says: RegExp }[] = [
  {
    what: 'a number of more digits than a double has',
    content: '{"c":0.1}\n{"c":0.1234567890123456789}\n',
    says: /line 2, column "c": 0\.1234567890123456789 is not exactly FLOAT64/,
  },
  { what: 'a record that is cut', content: '{"c":1}\n{"c":', says: /line 3|unexpected end/ },
  { what: 'a record that is none', content: '{"c":1}\n2\n', says: /Expected OBJECT|records/ },
  { what: 'a key twice', content: '{"c":1,"c":2}\n', says: /duplicate key/ },
  { what: 'keys that differ in letter case', content: '{"c":1}\n{"C":2}\n', says: /differ by letter case/ },
  { what: 'no records', content: '', says: /no records/ },
];

describe('JSON files', () => {
  let files: OpenedFiles;
  before(async () => {
    files = await OpenedFiles.open();
  });
  after(() => files.close());

  test('have thousands of keys, each told as if it stood alone', async () => {
    const columns = Array.from({ length: 1_500 }, (_, at) => guesses[at % guesses.length] ?? assert.fail());
    const record = (row: number) => `{${columns.map(({ cells }, at) => `"c${at}":${cells[row] ?? 'null'}`).join(',')}}`;
    const longest = Math.max(...columns.map(({ cells }) => cells.length));
    await files.write({ 'wide.json': Array.from({ length: longest }, (_, row) => `${record(row)}\n`).join('') });
    const decided = await files.decide(['wide.json'], { format });
    await assertColumns(files, decided, columns);
  });

  for (const { what, cells, type, values } of guesses) {
    test(`are ${type} where they hold ${what}, in lines and in an array`, async () => {
      const records = cells.map((cell, row) => `{"n":${row},"c":${cell}}`);
      await files.write({ 'lines.json': `${records.join('\n')}\n`, 'array.json': `[${records.join(',\n')}]` });
      for (const name of ['lines.json', 'array.json']) {
        const decided = await files.decide([name], { format });
        assert.deepEqual(columnsOf(decided), ['n INT64', `c ${type}`]);
        assert.deepEqual(
          (await files.rows(decided)).map(([, value]) => value),
          values,
        );
      }
    });
  }

  for (const { what, content, says } of refused) {
    test(`are refused with ${what}`, async () => {
      await files.write({ 'refused.json': content });
      await assert.rejects(files.decide(['refused.json'], { format }), (failure: Failure) => {
        assert.match(failure.code, /^(SCHEMA_MISMATCH|INVALID_INPUT|QUERY_FAILED)$/);
        assert.match(failure.message, says);
        return true;
      });
    });
  }

  test('are told by all of their rows, and keep what is nested for transformations', async () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => `{"a":${row},"b":{"k":${row}}}\n`).join('');
    await files.write({ 'late.json': `${rows}{"a":19.99,"b":null,"c":"later"}\n` });
    const decided = await files.decide(['late.json'], { format });
    assert.deepEqual(columnsOf(decided), ['a FLOAT64', 'b JSON', 'c STRING']);
    const query = {
      kind: 'QUERY' as const,
      sql: "SELECT CAST(b ->> 'k' AS BIGINT) AS k FROM {{ late }} WHERE a = 7",
      inputs: { late: decided },
    };
    assert.deepEqual((await files.store.preview(query, 2)).rows, [[7n]]);
  });

  test('are held to what was decided, by line and column', async () => {
    const declared = { format, columns: [{ name: 'c', type: 'INT64' }] };
    await files.write({ 'held.json': '{"c":1}\n\n{"c":"9007199254740993"}\n' });
    const decided = await files.decide(['held.json'], declared);
    assert.deepEqual(await files.rows(decided), [[1n], [9007199254740993n]]);
    for (const cell of ['19.99', 'true', '1.0', '9223372036854775808', '"x"', '[1]']) {
      await files.write({ 'held.json': `{"c":1}\n\n{"c":${cell}}\n` });
      await assert.rejects(files.rows(decided), (failure: Failure) => {
        assert.equal(failure.code, 'SCHEMA_MISMATCH');
        assert.match(failure.message, /^held\.json, line 3, column "c": .* is not exactly INT64$/);
        return true;
      });
    }
  });

  test('can be registered before there are rows, and be compressed', async () => {
    await files.write({ 'empty.json': '', 'whole.json.gz': gzipSync('{"c":1}\n') });
    const declared = { format, columns: [{ name: 'c', type: 'INT64' }] };
    assert.deepEqual(await files.rows(await files.decide(['empty.json'], declared)), []);
    assert.deepEqual(await files.rows(await files.decide(['whole.json.gz'], { format })), [[1n]]);
    await files.write({ 'cut.json.gz': gzipSync('{"c":1}\n'.repeat(10_000)).subarray(0, 60) });
    await assert.rejects(files.decide(['cut.json.gz'], { format }), /ends too early/);
  });
});
