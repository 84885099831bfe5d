import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Failure } from '../providers/contract/failure.ts';
import { declared, guesses, refused } from './files/csv-cases.ts';
import { assertColumns, columnsOf, OpenedFiles } from './files/opened-files.ts';

describe('CSV files', () => {
  let files: OpenedFiles;
  before(async () => {
    files = await OpenedFiles.open({ guessLimit: 5_000_000 });
  });
  after(() => files.close());

  for (const { what, cells, type, values } of guesses) {
    test(`are ${type} where they hold ${what}`, async () => {
      await files.write({ 'guess.csv': `n,c\n${cells.map((cell, row) => `${row},${cell}\n`).join('')}` });
      const decided = await files.decide(['guess.csv']);
      assert.deepEqual(columnsOf(decided), ['n INT64', `c ${type}`]);
      assert.deepEqual(
        (await files.rows(decided)).map(([, value]) => value),
        values,
      );
    });
  }

  test('are told by all of their rows, not by the first', async () => {
    const whole = Array.from({ length: 30_000 }, (_, row) => `${row}\n`).join('');
    await files.write({ 'late.csv': `c\n${whole}19.99\n`, 'text.csv': `c\n${whole}x\n` });
    const late = await files.decide(['late.csv']);
    assert.deepEqual(columnsOf(late), ['c FLOAT64']);
    assert.deepEqual((await files.rows(late)).at(-1), [19.99]);
    const text = await files.decide(['text.csv']);
    assert.deepEqual((await files.rows(text)).slice(-2), [['29999'], ['x']]);
  });

  test('have thousands of columns, each told and held to as if it stood alone', async () => {
    const columns = Array.from({ length: 2_500 }, (_, at) => guesses[at % guesses.length] ?? assert.fail());
    const header = columns.map((_, at) => `c${at}`).join(',');
    const line = (row: number) => columns.map(({ cells }) => cells[row] ?? '').join(',');
    const lines = Array.from({ length: Math.max(...columns.map(({ cells }) => cells.length)) }, (_, row) => line(row));
    await files.write({ 'wide.csv': `${header}\n${lines.join('\n')}\n` });
    const decided = await files.decide(['wide.csv']);
    await assertColumns(files, decided, columns);
    const last = columns.findLastIndex(({ type }) => type === 'INT64');
    const wrong = columns.map(({ cells }, at) => (at === last ? 'x' : cells[0])).join(',');
    await files.write({ 'wide.csv': `${header}\n${lines.join('\n')}\n${wrong}\n` });
    const misfit = new RegExp(`^wide\\.csv, line ${lines.length + 2}, column "c${last}": "x" is not exactly INT64$`);
    await assert.rejects(files.rows(decided), ({ message }: Failure) => misfit.test(message) || assert.fail(message));
  });

  for (const { type, format, csv, good, bad } of declared) {
    const as = format === undefined ? type : `${type} written as ${format}`;
    const declaration = { columns: [{ name: 'c', type, ...(format && { format }) }], ...(csv && { csv }) };
    const delimiter = csv?.delimiter ?? ',';
    test(`give the values of ${as}, and nothing that is near one`, async () => {
      await files.write({ 'good.csv': `n${delimiter}c\n${good.map(([cell]) => `0${delimiter}${cell}\n`).join('')}` });
      const decided = await files.decide(['good.csv'], declaration);
      assert.deepEqual(
        (await files.rows(decided)).map(([, value]) => value),
        good.map(([, value]) => value),
      );
      for (const cell of bad.filter((text) => text !== '')) {
        const text = cell.includes(delimiter) && !cell.startsWith('"') ? `"${cell}"` : cell;
        await files.write({
          'bad.csv': `n${delimiter}c\n${`0${delimiter}${good[0]?.[0]}\n`.repeat(3)}0${delimiter}${text}\n`,
        });
        await assert.rejects(files.decide(['bad.csv'], declaration), (failure: Failure) => {
          assert.equal(failure.code, 'SCHEMA_MISMATCH', cell);
          assert.match(failure.message, /^bad\.csv, line 5, column "c": .* is not exactly /);
          return true;
        });
      }
    });
  }

  for (const { what, name = 'refused.csv', content, declaration, says } of refused) {
    test(`are refused with ${what}`, async () => {
      await files.write({ [name]: content });
      await assert.rejects(files.decide([name], declaration), (failure: Failure) => {
        assert.match(failure.code, /^(SCHEMA_MISMATCH|INVALID_INPUT)$/);
        assert.match(failure.message, says);
        assert.ok(failure.issues.every(({ fix }) => fix !== undefined));
        return true;
      });
    });
  }

  test('name their columns in the first line, whatever it holds', async () => {
    await files.write({ 'years.csv': '2023,2024\n1,2\n' });
    assert.deepEqual(columnsOf(await files.decide(['years.csv'])), ['2023 INT64', '2024 INT64']);
  });

  test('are parted by what the first line is parted by', async () => {
    for (const delimiter of [',', '\t', ';', '|']) {
      await files.write({ 'parted.csv': `a${delimiter}b\n1${delimiter}"x${delimiter}y"\n` });
      const decided = await files.decide(['parted.csv']);
      assert.equal(decided.csv?.delimiter, delimiter);
      assert.deepEqual(await files.rows(decided), [[1n, `x${delimiter}y`]]);
    }
  });

  test('are read as their author says that they are written', async () => {
    await files.write({ 'odd.csv': "report of 2024\n\n1;'it\\'s; so';NA\n2;'NA';x\n" });
    const decided = await files.decide(['odd.csv'], {
      columns: [{ name: 'id' }, { name: 'said' }, { name: 'more', type: 'STRING' }],
      csv: { header: false, skipLines: 2, delimiter: ';', quote: "'", escape: '\\', nulls: ['NA'] },
    });
    assert.deepEqual(await files.rows(decided), [
      [1n, "it's; so", null],
      [2n, 'NA', 'x'],
    ]);
  });

  test('have no quotes where their author says so', async () => {
    await files.write({ 'plain.csv': 'id,said\n1,"x\n2,it\'s 5" wide\n' });
    const decided = await files.decide(['plain.csv'], { csv: { quote: '' } });
    assert.deepEqual(await files.rows(decided), [
      [1n, '"x'],
      [2n, 'it\'s 5" wide'],
    ]);
  });

  test('end the work on them when it is cancelled', async () => {
    await files.write({ 'long.csv': `id\n${'1\n'.repeat(2_000_000)}` });
    const cancelled = AbortSignal.abort();
    const deciding = files.store.decideFiles({ kind: 'FILES', format: 'CSV', paths: ['long.csv'] }, cancelled);
    await assert.rejects(deciding, { code: 'CANCELLED' });
    const later = new AbortController();
    const relation = { kind: 'FILES' as const, format: 'CSV' as const, paths: ['long.csv'] };
    const working = files.store.decideFiles(relation, later.signal);
    later.abort();
    await assert.rejects(working, { code: 'CANCELLED' });
    assert.deepEqual(columnsOf(await files.store.decideFiles(relation)), ['id INT64']);
  });

  test('keep an empty text apart from nothing, where texts are', async () => {
    await files.write({ 'empty.csv': 'n,s\n1,""\n"",\n3,x\n' });
    const decided = await files.decide(['empty.csv']);
    assert.deepEqual(columnsOf(decided), ['n INT64', 's STRING']);
    assert.deepEqual(await files.rows(decided), [
      [1n, ''],
      [null, null],
      [3n, 'x'],
    ]);
  });

  test('are read in other encodings, declared or marked', async () => {
    const text = 'id,name\n1,é€😀\n';
    await files.write({
      'utf16le.csv': Buffer.from(`\ufeff${text}`, 'utf16le'),
      'utf16be.csv': Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
      'utf8.csv': `\ufeff${text}`,
      'windows.csv': Buffer.from('id,name\n1,\xe9\x80\n', 'latin1'),
      'windows.csv.gz': gzipSync(Buffer.from('id,name\n1,\xe9\x80\n', 'latin1')),
    });
    for (const name of ['utf16le.csv', 'utf16be.csv', 'utf8.csv']) {
      assert.deepEqual(await files.rows(await files.decide([name])), [[1n, 'é€😀']]);
    }
    for (const name of ['windows.csv', 'windows.csv.gz']) {
      const decided = await files.decide([name], { csv: { encoding: 'latin1' } });
      assert.deepEqual(await files.rows(decided), [[1n, 'é€']]);
    }
  });

  test('can be registered before there are rows', async () => {
    await files.write({ 'header.csv': 'id,at\n' });
    const decided = await files.decide(['header.csv'], { columns: [{ name: 'at', type: 'TIMESTAMP' }] });
    assert.deepEqual(columnsOf(decided), ['id STRING', 'at TIMESTAMP']);
    assert.deepEqual(await files.rows(decided), []);
  });

  test('are found by name in each file, and each file is held to the types', async () => {
    await files.write({ 'parts/1.csv': 'id,name\n1,x\n', 'parts/2.csv': 'name,id\ny,2\n' });
    const decided = await files.decide(['parts/*.csv']);
    assert.deepEqual(await files.rows(decided), [
      [1n, 'x'],
      [2n, 'y'],
    ]);
    await files.write({ 'parts/3.csv': 'id,name\n3,z\n2.5,w\n' });
    await assert.rejects(files.rows(decided), {
      code: 'SCHEMA_MISMATCH',
      message: 'parts/3.csv, line 3, column "id": "2.5" is not exactly INT64',
    });
    await files.write({ 'parts/3.csv': 'name,code\nz,3\n' });
    await assert.rejects(files.rows(decided), { message: 'parts/3.csv, column "id": the file has no such column' });
    const context = { signal: new AbortController().signal, progress: () => {} };
    const names: unknown[] = [];
    for await (const { columns } of files.store.scan(decided, ['name'], context)) names.push(...(columns[0] ?? []));
    assert.deepEqual(names, ['x', 'y', 'z'], 'whoever needs the other column only is not stopped');
  });

  test('are looked at again when they have changed', async () => {
    await files.write({ 'growing.csv': 'id\n1\n' });
    const decided = await files.decide(['growing.csv']);
    await files.write({ 'growing.csv': 'id\n1\n2\n' });
    assert.deepEqual(await files.rows(decided), [[1n], [2n]]);
    await files.write({ 'growing.csv': 'id\n1\nx\n' });
    await assert.rejects(files.rows(decided), { code: 'SCHEMA_MISMATCH' });
  });

  test('have directories for columns where their author says so', async () => {
    await files.write({
      'by/year=2023/month=01/a.csv': 'id\n1\n',
      'by/year=2024/month=__HIVE_DEFAULT_PARTITION__/a.csv': 'id\n2\n',
    });
    assert.deepEqual(columnsOf(await files.decide(['by/*/*/*.csv'])), ['id INT64']);
    const decided = await files.decide(['by/*/*/*.csv'], { hivePartitions: true });
    assert.deepEqual(columnsOf(decided), ['id INT64', 'year INT64', 'month STRING']);
    assert.deepEqual(await files.rows(decided), [
      [1n, 2023n, '01'],
      [2n, 2024n, null],
    ]);
  });

  test('propose a declaration where they are too much to be told from', async () => {
    const rows = Array.from({ length: 400_000 }, (_, row) => `${row},text ${row}\n`).join('');
    await files.write({ 'much.csv': `id,name\n${rows}` });
    await assert.rejects(files.decide(['much.csv']), (failure: Failure) => {
      assert.equal(failure.code, 'INVALID_INPUT');
      assert.match(
        failure.issues[0]?.fix ?? '',
        /columns: \[{ name: "id", type: "INT64" }, { name: "name", type: "STRING" }\]/,
      );
      return true;
    });
    const columns = [
      { name: 'id', type: 'INT64' },
      { name: 'name', type: 'STRING' },
    ];
    assert.equal(await files.store.count(await files.decide(['much.csv'], { columns })), 400_000);
  });
});
