import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DefinitionInput, DownloadFormat, JsonValue } from '@featuregraph/client';
import { tableFromIPC, type Vector } from 'apache-arrow';
import pg from 'pg';
import {
  parseValueType,
  type ScalarName,
  scalar,
  type Value,
  type ValueType,
} from '../providers/contract/value-type.ts';
import { toJson } from '../src/values/json-value.ts';
import { scalarNames } from './conformance/value-arbitraries.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { arraySql, type Sample, type Sql, samples, scalarSql } from './servers/type-samples.ts';

const postgres = await postgresForTests();
const engines: readonly { name: Sql; skip: string | false }[] = [
  { name: 'duckdb', skip: false },
  { name: 'postgres', skip: 'skip' in postgres ? postgres.skip : false },
];

type Field = { name: string; type: string; values: readonly (JsonValue | null)[]; sql(engine: Sql): string[] };

/** A column for each type: its samples one after the other, then null; arrays hold them all at once. */
const fields: Field[] = [
  ...scalarNames.map((name): Field => {
    const all = [...samples[name], null];
    return {
      name: `one_${name.toLowerCase()}`,
      type: name,
      values: all.map((sample) => sample?.json ?? null),
      sql: (engine) => all.map((sample) => scalarSql(engine, name, sample)),
    };
  }),
  ...scalarNames.map((name): Field => {
    const all: ((Sample | null)[] | null)[] = [[...samples[name], null], [], [null], null];
    return {
      name: `many_${name.toLowerCase()}`,
      type: `${name}[]`,
      values: all.map((list) => list?.map((sample) => sample?.json ?? null) ?? null),
      sql: (engine) => all.map((list) => arraySql(engine, name, list)),
    };
  }),
];
const embedding: Field = {
  name: 'embedding',
  type: 'VECTOR(3, L2)',
  values: [[0.5, '-0', 1.401298464324817e-45], null],
  sql: (engine) => [
    arraySql(engine, 'FLOAT32', [
      { json: 0, text: '0.5' },
      { json: 0, text: '-0' },
      { json: 0, text: '1e-45' },
    ]),
    arraySql(engine, 'FLOAT32', null),
  ],
};
const columns = [...fields, embedding];
const size = Math.max(...columns.map(({ values }) => values.length));
const expected = columns.map(({ values }) => Array.from({ length: size }, (_, row) => values[row] ?? null));

/** What no type of ours holds exactly, as each engine spells it. */
const refused: Readonly<Record<Sql, Readonly<Record<string, string>>>> = {
  duckdb: {
    "CAST('1.5' AS DECIMAL(9, 2))": 'DECIMAL(9,2)',
    'CAST(1 AS UBIGINT)': 'UBIGINT',
    "TIME '01:00'": 'TIME',
    "TIMESTAMP_NS '2024-01-01 00:00:00'": 'TIMESTAMP_NS',
    "{'a': 1}": 'STRUCT("a" INTEGER)',
    '[[1]]': 'INTEGER[][]',
  },
  postgres: {
    "CAST('1.5' AS numeric(9, 2))": 'numeric(9,2)',
    "time '01:00'": 'time without time zone',
    "interval '1 day'": 'interval',
    "CAST('{}' AS jsonb)": 'jsonb',
    "CAST('1' AS money)": 'money',
    "CAST('192.0.2.1' AS inet)": 'inet',
  },
};

/** Puts the rows where a source of the engine reads them; answers with that source's definition. */
async function writeRows(engine: Sql, name: string, selects: readonly string[], dataRoot: string): Promise<object> {
  const select = selects.join(' UNION ALL ');
  if (engine === 'duckdb') {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const file = join(dataRoot, `${name}.parquet`);
    await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet, DICTIONARY_SIZE_LIMIT 0)`);
    connection.closeSync();
    instance.closeSync();
    return { files: { paths: [`${name}.parquet`] } };
  }
  const client = new pg.Client({ connectionString: 'url' in postgres ? postgres.url : '' });
  await client.connect();
  await client.query(`SET timezone = 'UTC'; CREATE TABLE ${name} AS ${select}`);
  await client.end();
  return { table: { name } };
}

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

for (const { name: engine, skip } of engines) {
  describe(`every type, from ${engine}`, { skip }, () => {
    let server: TestServer;
    let download: string;

    before(async () => {
      const url = 'url' in postgres ? postgres.url : '';
      server = await startTestServer({ variables: { FEATUREGRAPH_SECRET_WAREHOUSE: url } });
      const selects = Array.from({ length: size }, (_, row) => {
        const cells = columns.map((field) => {
          const sql = field.sql(engine);
          return `${sql[row] ?? sql.at(-1)} AS ${field.name}`;
        });
        return `SELECT CAST(${row} AS bigint) AS id, ${cells.join(', ')}`;
      });
      const rows = await writeRows(engine, 'typed_rows', selects, server.dataRoot);
      const features = columns.map(({ name, type }) => ({ name, type }));
      const warehouse =
        engine === 'duckdb'
          ? { duckdb: { threads: 1 } }
          : { postgres: { url: { env: 'FEATUREGRAPH_SECRET_WAREHOUSE' } } };
      await server.client.apply([
        { provider: { name: 'warehouse', config: warehouse } },
        { provider: { name: 'latest', config: { lmdb: {} } } },
        { provider: { name: 'neighbours', config: { usearch: {} } } },
        { entity: { name: 'thing', joinKeys: [{ name: 'id', type: 'INT64' }] } },
        { source: { name: 'typed_rows', ...rows } },
        { featureView: { name: 'typed', entity: 'thing', source: 'typed_rows', features } },
        {
          label: {
            name: 'known',
            source: 'typed_rows',
            value: { column: 'one_bool', type: 'BOOL' },
            entities: [{ entity: 'thing' }],
          },
        },
        {
          trainingSet: {
            name: 'typed',
            label: 'known',
            features: columns.map(({ name }) => ({ feature: `typed:${name}` })),
          },
        },
      ] as DefinitionInput[]);
      assert.deepEqual(await settleJobs(server), []);
      const { data } = await server.graphql('{ trainingSet(ref: "typed") { latestRun { download } } }');
      download = (data.trainingSet as { latestRun: { download: string } }).latestRun.download.replace('PARQUET', '');
    });
    after(() => server?.stop());

    const downloaded = async (format: DownloadFormat) => {
      const answer = await fetch(new URL(`${download}${format}`, server.url));
      assert.equal(answer.status, 200);
      return Buffer.from(await answer.arrayBuffer());
    };

    test('is served online as it is in the source', async () => {
      const ids = Array.from({ length: size }, (_, row) => row);
      const selected = columns.map(({ name }) => ({ feature: `typed:${name}` }));
      const served = await server.client.onlineFeatures({ features: selected }, [{ joinKey: 'id', values: ids }]);
      columns.forEach(({ name }, at) => {
        assert.deepEqual(served.columns[at]?.values, expected[at], name);
      });
    });

    test('is in the rows of a training set', async () => {
      const { data } = await server.graphql(
        'query ($first: Int!) { trainingSet(ref: "typed") { latestRun { rows(first: $first) { edges { node } } } } }',
        { first: size },
      );
      const { latestRun } = data.trainingSet as { latestRun: { rows: { edges: { node: JsonValue[] }[] } } };
      const rows = latestRun.rows.edges.map(({ node }) => node);
      assert.deepEqual(transposed(rows.map((row) => row.slice(2))), expected);
    });

    test('is in the training set as JSON Lines', async () => {
      const lines = (await downloaded('JSONL')).toString().split('\n').slice(0, -1);
      const rows = lines.map((line) => Object.values(JSON.parse(line) as Record<string, JsonValue>));
      assert.deepEqual(transposed(rows.map((row) => row.slice(2))), expected);
    });

    test('is in the training set as CSV', async () => {
      const [header, ...rows] = csvRecords((await downloaded('CSV')).toString());
      assert.equal(header?.length, columns.length + 2);
      const read = transposed(rows.map((row) => row.slice(2)));
      columns.forEach(({ name }, at) => {
        const texts = expected[at]?.map((value) => {
          if (value === null) return null;
          return typeof value === 'object' ? JSON.stringify(value) : String(value);
        });
        assert.deepEqual(read[at], texts, name);
      });
    });

    test('is in the training set as Arrow', async () => {
      const table = tableFromIPC(await downloaded('ARROW'));
      columns.forEach((field, at) => {
        assert.deepEqual(arrowValues(table.getChildAt(at + 2), storedType(field.type)), expected[at], field.name);
      });
    });

    test('is in the training set as Parquet', async () => {
      const file = join(server.dataRoot, 'downloaded.parquet');
      await writeFile(file, await downloaded('PARQUET'));
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      await connection.run("SET timezone = 'UTC'");
      for (const [at, { name, type }] of columns.entries()) {
        const read = await connection.runAndReadAll(`SELECT ${parquetSql(name, storedType(type))} FROM '${file}'`);
        const element = elementOf(storedType(type));
        const values = read.getRows().map(([json]) => {
          return json === null ? null : fromParquet(JSON.parse(String(json)), element);
        });
        assert.deepEqual(values, expected[at], name);
      }
      connection.closeSync();
      instance.closeSync();
    });

    if (engine === 'postgres') {
      test("reads from the provider that the README's example registers", async () => {
        const example = /```graphql\n([\s\S]+?)```/.exec(await readFile('README.md', 'utf8'))?.[1] ?? '';
        const { data, errors } = await server.graphql(example);
        assert.deepEqual(errors, undefined);
        assert.deepEqual(data.registerProvider, { ref: 'warehouse@v1', health: { healthy: true, message: null } });
      });
    }

    for (const [expression, engineType] of Object.entries(refused[engine])) {
      test(`that no type of ours holds is refused by name: ${engineType}`, async () => {
        const name = `refused_${engineType.replace(/\W+/g, '_').toLowerCase()}`;
        const rows = await writeRows(
          engine,
          name,
          [`SELECT CAST(1 AS bigint) AS id, ${expression} AS held`],
          server.dataRoot,
        );
        const definitions = [
          { source: { name, ...rows } },
          { featureView: { name, entity: 'thing', source: name, features: [{ name: 'held', type: 'STRING' }] } },
        ] as DefinitionInput[];
        await assert.rejects(server.client.apply(definitions), (error) => {
          const [issue] = (error as { issues: { path: string; message: string }[] }).issues;
          assert.match(issue?.path ?? '', /features\[0\]/);
          assert.equal(issue?.message, `Column "held" of ${name}@v1 is ${engineType}, not STRING.`);
          return true;
        });
      });
    }
  });
}

/** A training set has a vector as the source has it: an array of its components. */
function storedType(written: string): ValueType {
  const type = parseValueType(written);
  assert.ok(type !== undefined);
  return type.kind === 'VECTOR' ? { kind: 'ARRAY', element: 'FLOAT32' } : type;
}

function transposed<T>(rows: readonly (readonly T[])[]): T[][] {
  return (rows[0] ?? []).map((_, at) => rows.map((row) => row[at] as T));
}

/** Records of RFC 4180; a field that is empty and not quoted is null. */
function csvRecords(text: string): (string | null)[][] {
  const fields = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/g)];
  const records: (string | null)[][] = [[]];
  for (const [, quoted, plain = '', end] of fields) {
    records.at(-1)?.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === '\n') records.push([]);
  }
  return records.slice(0, -1);
}

function arrowValues(vector: Vector | null, type: ValueType): unknown[] {
  assert.ok(vector !== null);
  return Array.from({ length: vector.length }, (_, row) => {
    const value = vector.get(row);
    if (value === null) return null;
    if (type.kind === 'SCALAR') return toJson(type, arrowScalar(type.name, value, vector, row));
    const items: Vector = value;
    return arrowValues(items, scalar(elementOf(type)));
  });
}

/** Days and microseconds are read from the buffers: the library's own dates are milliseconds. */
function arrowScalar(name: ScalarName, value: unknown, vector: Vector, row: number): Value {
  if (name !== 'DATE' && name !== 'TIMESTAMP') return value as Value;
  const data = vector.data[0];
  return data?.values[row] as Value;
}

/** A column as JSON, written by DuckDB, with a text for every scalar. */
function parquetSql(name: string, type: ValueType): string {
  const element = elementOf(type);
  const text = (value: string) => {
    if (element === 'BYTES') return `base64(${value})`;
    if (element === 'TIMESTAMP') return `CAST(epoch_us(${value}) AS VARCHAR)`;
    return `CAST(${value} AS VARCHAR)`;
  };
  const texts = type.kind === 'SCALAR' ? text(name) : `list_transform(${name}, lambda one: ${text('one')})`;
  return `CAST(to_json(${texts}) AS VARCHAR)`;
}

function fromParquet(value: string | null | (string | null)[], name: ScalarName): JsonValue {
  if (Array.isArray(value)) return value.map((one) => fromParquet(one, name));
  if (value === null) return null;
  const number = Number(value.replace('nan', 'NaN').replace('inf', 'Infinity'));
  switch (name) {
    case 'BOOL':
      return value === 'true';
    case 'INT32':
      return number;
    case 'FLOAT32':
      return toJson(scalar(name), Math.fround(number));
    case 'FLOAT64':
      return toJson(scalar(name), number);
    case 'INT64':
    case 'TIMESTAMP':
      return toJson(scalar(name), BigInt(value));
    default:
      return value;
  }
}

function elementOf(type: ValueType): ScalarName {
  if (type.kind === 'SCALAR') return type.name;
  return type.kind === 'ARRAY' ? type.element : 'FLOAT32';
}
