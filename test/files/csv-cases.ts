import { gzipSync } from 'node:zlib';
import type { Declaration } from './opened-files.ts';

const day = 86_400_000_000n;
const january = 19_723;

/** What one column of CSV is taken for when nobody says what it is, and the values that it then has. */
export const guesses: { what: string; cells: string[]; type: string; values: unknown[] }[] = [
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
export const declared: {
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
export const refused: {
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
