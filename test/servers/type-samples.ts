import type { JsonValue } from '@featuregraph/client';
import type { ScalarName } from '../../providers/contract/value-type.ts';

export type Sql = 'duckdb' | 'postgres';

/** A value at an end of its type: in the JSON of the graph, and as the text that engines read it from. */
export type Sample = { json: JsonValue; text: string };

const same = (...texts: string[]): Sample[] => texts.map((text) => ({ json: text, text }));
const numbers = (...values: number[]): Sample[] => values.map((value) => ({ json: value, text: String(value) }));

const instant = (text: string): Sample => ({ json: `${text.replace(' ', 'T')}Z`, text: `${text}+00` });
const bytes = (...values: number[]): Sample => {
  const buffer = Buffer.from(values);
  return { json: buffer.toString('base64'), text: buffer.toString('hex') };
};

/** The extremes of every scalar type, and what is easily mistaken in between. */
export const samples: Readonly<Record<ScalarName, readonly Sample[]>> = {
  BOOL: [
    { json: true, text: 'true' },
    { json: false, text: 'false' },
  ],
  INT32: numbers(-(2 ** 31), 2 ** 31 - 1, 0, -1),
  INT64: [
    ...same('-9223372036854775808', '9223372036854775807', '9007199254740993'),
    ...numbers(Number.MAX_SAFE_INTEGER, 0),
  ],
  FLOAT32: [
    ...same('NaN', 'Infinity', '-Infinity', '-0'),
    ...numbers(0, 0.5, Math.fround(0.1), Math.fround(3.4028234663852886e38), 1.401298464324817e-45),
  ],
  FLOAT64: [
    ...same('NaN', 'Infinity', '-Infinity', '-0'),
    ...numbers(0, 0.1, 1 / 3, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 + 2),
  ],
  STRING: same('', ' ', "it's", '"q", \\ and ,', 'line\nline\r\n', 'é', 'e\u0301', '😀', '\uffff', 'NULL', '-0', 'NaN'),
  BYTES: [bytes(), bytes(0), bytes(0, 255, 39, 92), bytes(...Array.from({ length: 300 }, (_, at) => at % 256))],
  DATE: same('0001-01-01', '1969-12-31', '1970-01-01', '2024-02-29', '9999-12-31'),
  TIMESTAMP: [
    '0001-01-01 00:00:00',
    '1969-12-31 23:59:59.999999',
    '1970-01-01 00:00:00',
    '2024-03-10 02:30:00.000001',
    '9999-12-31 23:59:59.999999',
  ].map(instant),
};

const names: Readonly<Record<ScalarName, Readonly<Record<Sql, string>>>> = {
  BOOL: { duckdb: 'BOOLEAN', postgres: 'boolean' },
  INT32: { duckdb: 'INTEGER', postgres: 'integer' },
  INT64: { duckdb: 'BIGINT', postgres: 'bigint' },
  FLOAT32: { duckdb: 'FLOAT', postgres: 'real' },
  FLOAT64: { duckdb: 'DOUBLE', postgres: 'double precision' },
  STRING: { duckdb: 'VARCHAR', postgres: 'text' },
  BYTES: { duckdb: 'BLOB', postgres: 'bytea' },
  DATE: { duckdb: 'DATE', postgres: 'date' },
  TIMESTAMP: { duckdb: 'TIMESTAMPTZ', postgres: 'timestamptz' },
};

/** A sample, or null, as an expression of an engine's SQL. */
export function scalarSql(engine: Sql, name: ScalarName, sample: Sample | null): string {
  const type = names[name][engine];
  if (sample === null) return `CAST(NULL AS ${type})`;
  const text = `'${sample.text.replaceAll("'", "''")}'`;
  if (name !== 'BYTES') return `CAST(${text} AS ${type})`;
  return engine === 'duckdb' ? `unhex(${text})` : `decode(${text}, 'hex')`;
}

/** A list of samples, or null, as an array of an engine's SQL. */
export function arraySql(engine: Sql, name: ScalarName, items: readonly (Sample | null)[] | null): string {
  const type = `${names[name][engine]}[]`;
  if (items === null) return `CAST(NULL AS ${type})`;
  const list = items.map((item) => scalarSql(engine, name, item)).join(', ');
  return `CAST(${engine === 'duckdb' ? '' : 'ARRAY'}[${list}] AS ${type})`;
}
