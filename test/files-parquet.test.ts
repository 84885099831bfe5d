import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { columnsOf, OpenedFiles } from './files/opened-files.ts';

const format = 'PARQUET' as const;

/** Files that pyarrow has written, for it writes what DuckDB does not. */
describe('Parquet files', () => {
  let files: OpenedFiles;
  before(async () => {
    files = await OpenedFiles.open();
  });
  after(() => files.close());

  async function take(name: string, as = name): Promise<string> {
    await files.write({});
    await copyFile(join(import.meta.dirname, 'files', 'written-by-arrow', name), join(files.data, as));
    return as;
  }

  test('have instants in INT96, where these are no finer than a microsecond', async () => {
    const decided = await files.decide([await take('int96.parquet')], { format });
    assert.deepEqual(columnsOf(decided), ['id INT64', 'at TIMESTAMP', 'ats TIMESTAMP[]']);
    assert.deepEqual(await files.rows(decided), [
      [1n, 0n, [1n]],
      [2n, 1_704_067_200_000_001n, []],
      [3n, null, null],
    ]);
  });

  test('are refused where an instant in INT96 is finer', async () => {
    await assert.rejects(files.decide([await take('int96-nanoseconds.parquet')], { format }), {
      code: 'SCHEMA_MISMATCH',
      message: /^int96-nanoseconds\.parquet, row 2, column "at": .* finer than a microsecond/,
    });
    await assert.rejects(files.decide([await take('int96-nanoseconds-in-lists.parquet')], { format }), {
      message: /row 2, column "ats"/,
    });
  });

  test('have no type of ours for nanoseconds, unless they are declared and are whole microseconds', async () => {
    const name = await take('nanoseconds.parquet');
    assert.deepEqual(columnsOf(await files.decide([name], { format })), ['id INT64', 'at TIMESTAMP_NS']);
    const declared = { format, columns: [{ name: 'at', type: 'TIMESTAMP' }] };
    await assert.rejects(files.decide([name], declared), {
      message: /row 2, column "at": .* is not exactly TIMESTAMP/,
    });
  });

  test('agree on their types, each by itself', async () => {
    const [whole, other] = [await take('whole.parquet'), await take('whole-with-null.parquet')];
    await assert.rejects(files.decide([whole, other], { format }), {
      code: 'SCHEMA_MISMATCH',
      message: 'whole.parquet, column "id": the column is INT64 here, and FLOAT64 in whole-with-null.parquet',
    });
    const decided = await files.decide([whole, other], { format, columns: [{ name: 'id', type: 'FLOAT64' }] });
    assert.deepEqual(await files.rows(decided), [[2.5], [null], [1], [2]]);
  });

  test('that come later are held to the types', async () => {
    await take('whole.parquet', 'later-1.parquet');
    const decided = await files.decide(['later-*.parquet'], { format });
    await take('whole-with-null.parquet', 'later-2.parquet');
    await assert.rejects(files.rows(decided), {
      code: 'SCHEMA_MISMATCH',
      message: 'later-2.parquet, column "id": the column is FLOAT64 here, and INT64 in the source',
    });
  });

  test('give the declared type where it holds every value', async () => {
    const name = await take('conversions.parquet');
    assert.deepEqual(columnsOf(await files.decide([name], { format })), [
      'amount DECIMAL(9,2)',
      'big INT64',
      'u UBIGINT',
    ]);
    const amount = { name: 'amount', type: 'FLOAT64' };
    const decided = await files.decide([name], { format, columns: [amount] });
    assert.deepEqual(
      await files.store.preview({ kind: 'QUERY', sql: 'SELECT amount FROM {{ t }}', inputs: { t: decided } }, 9),
      {
        columns: [{ name: 'amount', type: { kind: 'SCALAR', name: 'FLOAT64' } }],
        rows: [[1.1], [2.25]],
      },
    );
    await assert.rejects(files.decide([name], { format, columns: [{ name: 'big', type: 'FLOAT64' }] }), {
      message: /row 2, column "big": 9007199254740993 is not exactly FLOAT64/,
    });
    await assert.rejects(files.decide([name], { format, columns: [{ name: 'u', type: 'INT64' }] }), {
      message: /row 2, column "u": 18446744073709551615 is not exactly INT64/,
    });
    await assert.rejects(files.decide([name], { format, columns: [{ name: 'big', type: 'BOOL' }] }), {
      message: /the column is INT64 here, and BOOL/,
    });
  });
});
