import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Failure } from '../providers/contract/failure.ts';
import type { FilesRelation } from '../providers/contract/relation.ts';
import {
  formatValueType,
  type ScalarName,
  scalar,
  type Value,
  type ValueType,
} from '../providers/contract/value-type.ts';
import { toJson } from '../src/values/json-value.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { fewValues, scalarNames, scalarValues } from './conformance/value-arbitraries.ts';
import { OpenedFiles } from './files/opened-files.ts';
import { recordsOf, valueOfField } from './oracle/csv-text.ts';

type Table = { types: ValueType[]; rows: Value[][] };

const [firstDay, lastDay] = [-719_162, 2_932_896];
const day = 86_400_000_000n;

/** What ISO 8601 writes with four digits for the year, and texts that files hold. */
const written = {
  ...scalarValues,
  DATE: fc.integer({ min: firstDay, max: lastDay }),
  TIMESTAMP: fc.bigInt({ min: BigInt(firstDay) * day, max: BigInt(lastDay + 1) * day - 1n }),
  STRING: fc.oneof(
    fc.string({ unit: fc.constantFrom(...'aé,;\t|"\'\\ \n\r01.-😀') }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', 'null', 'NULL', 'NA', 'true', '1', '01', '1.10', '2024-01-01', 'x'.repeat(70_000)),
  ),
};

function cellOf(name: ScalarName): fc.Arbitrary<Value> {
  const few = fewValues[name].filter((value) => typeof value !== 'string' || !value.includes('\0'));
  return fc.option(fc.oneof(written[name], fc.constantFrom(...few)) as fc.Arbitrary<Value>, { freq: 4 });
}

const columnType = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...scalarNames).map((name): ValueType => scalar(name)) },
  { weight: 1, arbitrary: fc.constantFrom(...scalarNames).map((element): ValueType => ({ kind: 'ARRAY', element })) },
);

function valueOfType(type: ValueType): fc.Arbitrary<Value> {
  if (type.kind === 'SCALAR') return cellOf(type.name);
  const element = type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  return fc.option(fc.array(cellOf(element), { maxLength: 4 }) as fc.Arbitrary<Value>);
}

const table: fc.Arbitrary<Table> = fc
  .array(columnType, { minLength: 1, maxLength: 4 })
  .chain((types) =>
    fc.record({ types: fc.constant(types), rows: fc.array(fc.tuple(...types.map(valueOfType)), { maxLength: 6 }) }),
  );

const scalarTable: fc.Arbitrary<Table> = fc
  .array(fc.constantFrom(...scalarNames), { minLength: 1, maxLength: 4 })
  .chain((names) =>
    fc.record({
      types: fc.constant(names.map(scalar)),
      rows: fc.array(fc.tuple(...names.map(cellOf)), { minLength: 1, maxLength: 6 }),
    }),
  );

/** JSON with every digit of whole numbers. */
function jsonText(type: ValueType, value: Value): string {
  if (typeof value === 'bigint' && type.kind === 'SCALAR' && type.name === 'INT64') return String(value);
  return JSON.stringify(toJson(type, value));
}

type Style = { delimiter: string; newline: string; quoteAll: boolean };

const style: fc.Arbitrary<Style> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  newline: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(),
});

function csvText({ types, rows }: Table, { delimiter, newline, quoteAll }: Style): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const field = (type: ValueType, value: Value): string => {
    if (value === null) return '';
    const json = toJson(type, value);
    const text =
      typeof value === 'bigint' && typeof json === 'number'
        ? String(value)
        : typeof json === 'string'
          ? json
          : jsonText(type, value);
    const mustQuote = text === '' || [delimiter, '"', '\n', '\r', ' '].some((mark) => text.includes(mark));
    return mustQuote || quoteAll ? quoted(text) : text;
  };
  const lines = [
    types.map((_, at) => `c${at}`),
    ...rows.map((row) => types.map((type, at) => field(type, row[at] ?? null))),
  ];
  return lines.map((line) => line.join(delimiter) + newline).join('');
}

function jsonLines({ types, rows }: Table): string {
  return rows
    .map((row) => `{${types.map((type, at) => `"c${at}":${jsonText(type, row[at] ?? null)}`).join(',')}}\n`)
    .join('');
}

function declaredColumns(types: readonly ValueType[]) {
  return types.map((type, at) => ({ name: `c${at}`, type: formatValueType(type) }));
}

function exchanged(bytes: Buffer, at: number, by: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = by;
  return changed;
}

const corruption: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc
  .record({ what: fc.constantFrom('CUT', 'CHANGE', 'TAKE', 'PUT'), place: fc.nat(1_000_000), byte: fc.nat(255) })
  .map(({ what, place, byte }) => (bytes) => {
    const at = bytes.length === 0 ? 0 : place % bytes.length;
    if (what === 'CUT') return bytes.subarray(0, at);
    if (what === 'CHANGE') return exchanged(bytes, at, byte);
    const rest = bytes.subarray(what === 'TAKE' ? at + 1 : at);
    return Buffer.concat([bytes.subarray(0, at), ...(what === 'PUT' ? [Buffer.from([byte])] : []), rest]);
  });

describe('any table, written by another writer', () => {
  let files: OpenedFiles;
  let file = 0;
  before(async () => {
    files = await OpenedFiles.open();
  });
  after(() => files.close());

  async function write(ending: string, content: string | Uint8Array): Promise<string> {
    const name = `${file++}.${ending}`;
    await writeFile(join(files.data, name), content);
    return name;
  }

  /** The rows, or undefined where they are refused in words. */
  async function rowsOrRefusal(read: () => Promise<FilesRelation>): Promise<Value[][] | undefined> {
    try {
      return await files.rows(await read());
    } catch (error) {
      assert.ok(error instanceof Failure && error.code !== 'INTERNAL' && error.code !== 'UNAVAILABLE', String(error));
      return undefined;
    }
  }

  test('comes back equal from CSV, whatever its style', async () => {
    const property = fc.asyncProperty(table, style, async (drawn, styled) => {
      const name = await write('csv', csvText(drawn, styled));
      // One column's header tells of no delimiter.
      const csv = drawn.types.length === 1 ? { csv: { delimiter: styled.delimiter } } : {};
      const decided = await files.decide([name], { columns: declaredColumns(drawn.types), ...csv });
      assert.deepEqual(await files.rows(decided), drawn.rows);
    });
    await fc.assert(property, propertyRuns(0.1));
  });

  test('comes back equal from JSON, in lines and in an array', async () => {
    const property = fc.asyncProperty(table, fc.boolean(), async (drawn, inArray) => {
      const lines = jsonLines(drawn);
      const name = await write('json', inArray ? `[${lines.trimEnd().replaceAll('}\n{', '},\n{')}]` : lines);
      const decided = await files.decide([name], { format: 'JSON', columns: declaredColumns(drawn.types) });
      assert.deepEqual(await files.rows(decided), drawn.rows);
    });
    await fc.assert(property, propertyRuns(0.1));
  });

  test('comes back equal from Parquet, of which nobody says anything', async () => {
    const property = fc.asyncProperty(table, async ({ types, rows }) => {
      const columns = types.map((type, at) => ({ name: `c${at}`, type }));
      const relation = { kind: 'ROWS' as const, columns, rows };
      const spine = { relation, columns: columns.map(({ name }) => ({ column: name, as: name })) };
      const context = { signal: new AbortController().signal, progress: () => {} };
      const run = `run ${file++}`;
      await files.store.retrieve({ spine, joins: [] }, run, context);
      const name = await write('parquet', await readFile(files.store.runFile(run) ?? ''));
      assert.deepEqual(await files.rows(await files.decide([name], { format: 'PARQUET' })), rows);
    });
    await fc.assert(property, propertyRuns(0.05));
  });

  test('is, where nobody says anything, taken for values that give each cell’s text back', async () => {
    const property = fc.asyncProperty(scalarTable, style, async (drawn, styled) => {
      const text = csvText(drawn, styled);
      const name = await write('csv', text);
      let columns: FilesRelation['columns'] = [];
      const rows = await rowsOrRefusal(async () => {
        const decided = await files.decide([name], { csv: { delimiter: styled.delimiter } });
        columns = decided.columns ?? [];
        return decided;
      });
      if (rows === undefined) return;
      const records = recordsOf(text, styled.delimiter)?.slice(1) ?? [];
      for (const [at, { type }] of columns.entries()) {
        assert.ok(type?.kind === 'SCALAR');
        const read = records.map((record) => valueOfField(record[at] ?? { text: '', quoted: false }, type.name));
        assert.deepEqual(
          rows.map((row) => row[at]),
          read,
        );
      }
    });
    await fc.assert(property, propertyRuns(0.1));
  });

  test('is refused, or what its bytes say, after any of them was changed in CSV', async () => {
    const property = fc.asyncProperty(scalarTable, style, corruption, async (drawn, styled, corrupt) => {
      const bytes = corrupt(Buffer.from(csvText(drawn, styled)));
      const name = await write('csv', bytes);
      const declared = { columns: declaredColumns(drawn.types), csv: { delimiter: styled.delimiter } };
      const rows = await rowsOrRefusal(() => files.decide([name], declared));
      if (rows === undefined) return;
      const text = bytes.toString().replace(/^\ufeff/, '');
      const [header = [], ...records] = recordsOf(text, styled.delimiter) ?? [];
      const places = declared.columns.map((column) => header.findIndex((field) => field.text === column.name));
      const expected = records.map((record) =>
        drawn.types.map((type, at) => {
          const field = record[places[at] ?? -1];
          return field && type.kind === 'SCALAR' ? valueOfField(field, type.name) : undefined;
        }),
      );
      const own = rows.map((row) => row.slice(0, drawn.types.length));
      if (header.length === drawn.types.length) assert.deepEqual(own, expected, JSON.stringify(text));
    });
    await fc.assert(property, propertyRuns(0.3));
  });

  test('is refused or equal after any byte of its compressed text was changed', async () => {
    const property = fc.asyncProperty(scalarTable, style, corruption, async (drawn, styled, corrupt) => {
      const name = await write('csv.gz', corrupt(gzipSync(csvText(drawn, styled))));
      const declared = { columns: declaredColumns(drawn.types), csv: { delimiter: styled.delimiter } };
      const rows = await rowsOrRefusal(() => files.decide([name], declared));
      if (rows !== undefined) assert.deepEqual(rows, drawn.rows);
    });
    await fc.assert(property, propertyRuns(0.1));
  });

  test('is refused or equal after its Parquet file was cut short', async () => {
    const property = fc.asyncProperty(fc.nat(1_000), async (share) => {
      const whole = await readFile(join(import.meta.dirname, '../examples/flights/data/airlines.parquet'));
      const name = await write('parquet', whole.subarray(0, Math.floor((whole.length * share) / 1_001)));
      assert.equal(await rowsOrRefusal(() => files.decide([name], { format: 'PARQUET' })), undefined);
    });
    await fc.assert(property, propertyRuns(0.02));
  });
});
