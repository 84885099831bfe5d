import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Failure } from '../providers/contract/failure.ts';
import { columnsOf, type Declaration, OpenedFiles } from './files/opened-files.ts';

const day = 86_400_000_000n;
const january = 19_723;

/** What one column of CSV is taken for when nobody says what it is, and the values that it then has. */
const guesses: { what: string; cells: string[]; type: string; values: unknown[] }[] = [
  {
    what: 'whole numbers',
    cells: ['0', '-7', '9223372036854775807'],
    type: 'INT64',
    values: [0n, -7n, 2n ** 63n - 1n],
  },
  {
    what: 'a number beyond 2^63',
    cells: ['1', '18446744073709551615'],
    type: 'STRING',
    values: ['1', '18446744073709551615'],
  },
  { what: 'leading zeros', cells: ['12345', '01234'], type: 'STRING', values: ['12345', '01234'] },
  { what: 'a plus', cells: ['+1', '2'], type: 'STRING', values: ['+1', '2'] },
  { what: 'spaces', cells: [' 1', '2'], type: 'STRING', values: [' 1', '2'] },
  { what: 'hexadecimal', cells: ['0x1F', '2'], type: 'STRING', values: ['0x1F', '2'] },
  { what: 'a minus before zero', cells: ['-0', '2'], type: 'FLOAT64', values: [-0, 2] },
  { what: 'decimals', cells: ['19.99', '-0.5', '3'], type: 'FLOAT64', values: [19.99, -0.5, 3] },
  { what: 'prices', cells: ['5.00', '19.90'], type: 'FLOAT64', values: [5, 19.9] },
  { what: 'floats as Python writes them', cells: ['20.0', '19.5', '1e-05'], type: 'FLOAT64', values: [20, 19.5, 1e-5] },
  { what: 'shortest doubles', cells: ['0.30000000000000004'], type: 'FLOAT64', values: [0.30000000000000004] },
  { what: 'versions', cells: ['1.1', '1.10'], type: 'STRING', values: ['1.1', '1.10'] },
  { what: 'numbers of parts', cells: ['12E4', '13E4'], type: 'STRING', values: ['12E4', '13E4'] },
  {
    what: 'more digits than a double has',
    cells: ['0.1', '0.12345678901234567891'],
    type: 'STRING',
    values: ['0.1', '0.12345678901234567891'],
  },
  { what: 'truths', cells: ['true', 'false'], type: 'BOOL', values: [true, false] },
  { what: 'Norway', cells: ['NO', 'NO'], type: 'STRING', values: ['NO', 'NO'] },
  { what: 'a name', cells: ['nan', 'inf'], type: 'STRING', values: ['nan', 'inf'] },
  { what: 'days', cells: ['2024-01-01', '2024-02-29'], type: 'DATE', values: [january, january + 59] },
  { what: 'a day that is none', cells: ['2024-02-30'], type: 'STRING', values: ['2024-02-30'] },
  {
    what: 'days in two orders',
    cells: ['03/04/2024', '07/25/2024'],
    type: 'STRING',
    values: ['03/04/2024', '07/25/2024'],
  },
  { what: 'a code like a day', cells: ['41-10-01'], type: 'STRING', values: ['41-10-01'] },
  {
    what: 'instants',
    cells: ['2024-01-01T00:00:00Z', '2024-01-01 02:00:00.000001+02:00', '2024-01-02'],
    type: 'TIMESTAMP',
    values: [BigInt(january) * day, BigInt(january) * day + 1n, BigInt(january + 1) * day],
  },
  {
    what: 'instants finer than a microsecond',
    cells: ['2024-01-01T00:00:00.1234567Z'],
    type: 'STRING',
    values: ['2024-01-01T00:00:00.1234567Z'],
  },
  { what: 'a time of day', cells: ['10:00:00'], type: 'STRING', values: ['10:00:00'] },
  {
    what: 'a UUID in upper case',
    cells: ['6F9619FF-8B86-D011-B42D-00C04FC964FF'],
    type: 'STRING',
    values: ['6F9619FF-8B86-D011-B42D-00C04FC964FF'],
  },
  { what: 'nothing at all', cells: ['', ''], type: 'STRING', values: [null, null] },
];

/** What a declared cell must be, and what it must not. */
const declared: {
  type: string;
  format?: string;
  csv?: Declaration['csv'];
  good: [string, unknown][];
  bad: string[];
}[] = [
  {
    type: 'INT32',
    good: [
      ['2147483647', 2147483647],
      ['+007', 7],
    ],
    bad: ['2147483648', '1.0', '1e3', ' 1', '1_0', '0x1', 'true'],
  },
  { type: 'INT64', good: [['-9223372036854775808', -(2n ** 63n)]], bad: ['9223372036854775808', '19.99', '0.49', ''] },
  {
    type: 'FLOAT64',
    good: [
      ['0.1', 0.1],
      ['NaN', Number.NaN],
      ['-inf', -Infinity],
      ['1e-320', 1e-320],
      ['0.10000000000000001', 0.1],
    ],
    bad: ['18446744073709551615', '1e400', '1e-400', '1,5', '3.14159265358979323846'],
  },
  {
    type: 'FLOAT32',
    good: [
      ['0.1', Math.fround(0.1)],
      ['16777216', 16777216],
    ],
    bad: ['16777217', '0.123456789', '1e39'],
  },
  {
    type: 'BOOL',
    good: [
      ['TRUE', true],
      ['False', false],
    ],
    bad: ['1', 'yes', 't', 'NO'],
  },
  {
    type: 'DATE',
    good: [['2024-01-01', january]],
    bad: ['2024-01-01 10:00:00', '2024-1-1', '01/01/2024', '2024-13-01', '2024-02-30'],
  },
  {
    type: 'DATE',
    format: '%d/%m/%Y',
    good: [
      ['03/04/2024', january + 93],
      ['3/4/2024', january + 93],
    ],
    bad: ['07/25/2024', '03/04/24', '2024-04-03', '03/04/2024 10:00'],
  },
  {
    type: 'TIMESTAMP',
    good: [
      ['2024-01-01', BigInt(january) * day],
      ['2024-01-01T00:00:00.1000000Z', BigInt(january) * day + 100_000n],
    ],
    bad: ['2024-01-01T00:00:00.0000001Z', '2024-01-01T24:00:00Z', 'now', 'infinity', '1704067200'],
  },
  {
    type: 'TIMESTAMP',
    format: '%d.%m.%Y %H:%M:%S.%f',
    good: [['01.01.2024 00:00:00.5', BigInt(january) * day + 500_000n]],
    bad: ['01.01.2024 00:00:00.1234567', '01.01.2024'],
  },
  { type: 'BYTES', good: [['AAEC', new Uint8Array([0, 1, 2])]], bad: ['AAE', 'not base64!'] },
  {
    type: 'STRING',
    good: [
      ['NO', 'NO'],
      ['""', ''],
    ],
    bad: [],
  },
  {
    type: 'INT64[]',
    good: [
      ['"[1,null,-2]"', [1n, null, -2n]],
      ['[]', []],
    ],
    bad: ['"[1,2.5]"', '1', '[true]'],
  },
  { type: 'FLOAT64[]', good: [['[0.1]', [0.1]]], bad: ['[0.12345678901234567891]', '["x"]'] },
  { type: 'STRING[]', good: [['"[""a"",""b""]"', ['a', 'b']]], bad: ['[a]'] },
  {
    type: 'FLOAT64',
    csv: { decimalMark: ',', delimiter: ';' },
    good: [
      ['1,5', 1.5],
      ['2', 2],
    ],
    bad: ['1.5', '1.000,5'],
  },
];

/** Files that no two readers need read alike, and the words in which they are refused. */
const refused: {
  what: string;
  name?: string;
  content: string | Uint8Array;
  declaration?: Declaration;
  says: RegExp;
}[] = [
  { what: 'a line with a field too few', content: 'a,b\n1,2\n3\n', says: /line 3: 1 field where the first line has 2/ },
  {
    what: 'a line with a field too many',
    content: 'a,b\n1,2,3\n',
    says: /line 2: 3 fields where the first line has 2/,
  },
  { what: 'a delimiter at the end', content: 'a,b\n1,2,\n', says: /line 2: 3 fields/ },
  { what: 'an open quote', content: 'a,b\n1,"x\n2,y\n', says: /line 2: a quoted text that is never closed/ },
  { what: 'text after a quote', content: 'a,b\n1,"x"y\n', says: /line 2: text after a closing quote/ },
  { what: 'a space before a quote', content: 'a,b\n1, "x"\n', says: /line 2: a space before a quote/ },
  {
    what: 'lines that end in two ways',
    content: 'a,b\n1,2\r\n3,4\n',
    says: /line 2: the line ends with CR LF where others end with LF/,
  },
  { what: 'an empty file', content: '', says: /there is no header/ },
  { what: 'an empty first line', content: '\na,b\n', says: /line 1: an empty line/ },
  { what: 'a column without a name', content: 'a,,c\n1,2,3\n', says: /field 2 of the header has no name/ },
  { what: 'two columns of one name', content: 'a,b,A\n1,2,3\n', says: /field 3, "A", meets field 1, "a"/ },
  {
    what: 'another encoding',
    content: Buffer.from('a\né\n', 'latin1'),
    says: /line 2: bytes that are no text in utf-8/,
  },
  { what: 'two delimiters', content: 'a;b,c\n1;2,3\n', says: /any of the delimiters/ },
  {
    what: 'half of a gzip file',
    name: 'cut.csv.gz',
    content: gzip((bytes) => bytes.subarray(0, bytes.length >> 1)),
    says: /ends too early/,
  },
  {
    what: 'a gzip file with another checksum',
    name: 'crc.csv.gz',
    content: gzip((bytes) => flip(bytes, bytes.length - 6)),
    says: /damaged/,
  },
  { what: 'a text that is called gzip', name: 'text.csv.gz', content: 'a\n1\n', says: /no gzip file/ },
  {
    what: 'a declared column that is not there',
    content: 'a\n1\n',
    declaration: { columns: [{ name: 'b', type: 'INT64' }] },
    says: /no column "b"/,
  },
  { what: 'a record of more than 2 MB', content: `a\n"${'x'.repeat(2_100_000)}"\n`, says: /more than 2 MB/ },
];

function gzip(change: (bytes: Buffer) => Buffer): Buffer {
  return change(gzipSync(`a\n${Array.from({ length: 100_000 }, (_, row) => row * 7).join('\n')}\n`));
}

function flip(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  return flipped;
}

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
