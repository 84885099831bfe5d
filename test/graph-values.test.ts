import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonValue } from '@featuregraph/client';
import fc from 'fast-check';
import { parseValueType } from '../providers/contract/value-type.ts';
import { type Json, toJson } from '../src/values/json-value.ts';
import { scalarNames, scalarValues } from './conformance/value-arbitraries.ts';
import { settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const columnTypes = {
  bool: 'BOOL',
  int32: 'INT32',
  int64: 'INT64',
  float32: 'FLOAT32',
  float64: 'FLOAT64',
  string: 'STRING',
  bytes: 'BYTES',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  list: 'INT64[]',
  vector: 'VECTOR(3, DOT)',
};
const names = Object.keys(columnTypes) as (keyof typeof columnTypes)[];

/** No row, but a column of every type. */
const sql = `select cast(driver_id as varchar) as id, now() as at, true as bool, cast(1 as integer) as int32,
  cast(1 as bigint) as int64, cast(1 as float) as float32, cast(1 as double) as float64, 'a' as string,
  cast('a' as blob) as bytes, cast('2024-01-01' as date) as date, now() as timestamp, [cast(1 as bigint)] as list,
  [cast(1 as float), 2, 3] as vector from {{ stats }} where driver_id < 0`;

describe('values through push and serving', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
      { provider: { name: 'neighbours', config: { usearch: {} } } },
      { source: { name: 'stats', files: { paths: ['stats.csv'] } } },
      { source: { name: 'every_type', transformation: { sql } } },
      { entity: { name: 'thing', joinKeys: [{ name: 'id', type: 'STRING' }] } },
      {
        featureView: {
          name: 'every_type',
          entity: 'thing',
          source: 'every_type',
          eventTimestamp: 'at',
          features: names.map((name) => ({ name, type: columnTypes[name] })),
        },
      },
    ]);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(() => server.stop());

  const empty = Object.fromEntries(names.map((name) => [name, null])) as Record<string, JsonValue>;
  let moment = 0;

  /** Pushes a row for a key, and serves it. */
  async function roundTrip(id: string, values: Record<string, JsonValue>): Promise<Record<string, JsonValue>> {
    const at = new Date(Date.UTC(2024, 0, 1) + moment++).toISOString();
    await server.client.operations.PushFeatures({ view: 'every_type', rows: [{ id, at, ...empty, ...values }] });
    const { columns } = await server.client.onlineFeatures(
      { features: names.map((name) => ({ feature: `every_type:${name}` })) },
      [{ joinKey: 'id', values: [id] }],
    );
    return Object.fromEntries(columns.map(({ name, values: column }) => [name, column[0] ?? null]));
  }

  test('come back as they were, at the edges of every type', async () => {
    const rows: Record<string, JsonValue>[] = [
      { int64: '9223372036854775807', timestamp: '2024-02-29T23:59:59.999999Z', float64: 'NaN', float32: 'Infinity' },
      { int64: '-9223372036854775808', timestamp: '1969-12-31T23:59:59.999999Z', float64: '-0', float32: '-Infinity' },
      { int64: '9007199254740993', timestamp: '0001-01-01T00:00:00Z', float64: 5e-324, float32: '-0' },
      { int64: 9007199254740991, timestamp: '9999-12-31T23:59:59.999999Z', float64: 1.7976931348623157e308 },
      { bool: false, int32: -2147483648, string: '', bytes: '', date: '0001-01-01', list: [] },
      { string: '\u0000 😀 e\u0301 "quoted"\n', bytes: 'AP8=', date: '9999-12-31', list: [null, '9007199254740993'] },
      { string: 'x'.repeat(100_000), vector: [1.5, -2, 0] },
    ];
    for (const [at, row] of rows.entries())
      assert.deepEqual(await roundTrip(`row ${at}`, row), { ...empty, ...row }, String(at));
  });

  test('come back as they were, whatever they are', async () => {
    const json = (type: string, value: unknown): Json =>
      toJson(parseValueType(type) ?? assert.fail(type), value as never);
    const sane = { ...scalarValues, TIMESTAMP: fc.bigInt(-62_135_596_800_000_000n, 253_402_300_799_999_999n) };
    const scalars = scalarNames.map((name) => {
      const value = name === 'DATE' ? fc.integer({ min: -719_162, max: 2_932_896 }) : sane[name];
      return [name.toLowerCase(), fc.option(value.map((one) => json(name, one)))] as const;
    });
    const list = fc.option(
      fc.array(fc.option(scalarValues.INT64), { maxLength: 5 }).map((one) => json('INT64[]', one)),
    );
    const row = fc.record({ ...Object.fromEntries(scalars), list }) as fc.Arbitrary<Record<string, JsonValue>>;
    await fc.assert(
      fc.asyncProperty(row, async (values) => {
        assert.deepEqual(await roundTrip('any', values), { ...empty, ...values });
      }),
      { numRuns: 60 },
    );
  });

  test('read zones as UTC, and keep naive times as UTC', async () => {
    const zoned = await roundTrip('zoned', { timestamp: '2024-01-01T02:00:00.000001+02:00' });
    assert.equal(zoned.timestamp, '2024-01-01T00:00:00.000001Z');
    const naive = await roundTrip('naive', { timestamp: '2024-01-01T00:00:00.000001' });
    assert.equal(naive.timestamp, '2024-01-01T00:00:00.000001Z');
  });

  test('that their type can not hold are refused, never rounded', async () => {
    const wrong: Record<string, JsonValue> = {
      int32: 2147483648,
      int64: 9007199254740992,
      float32: 1e39,
      string: '\ud800',
      bytes: 'no base64!',
      date: '2023-02-29',
      timestamp: '2024-01-01T00:00:00.0000001Z',
      list: [1.5],
      vector: [1, 2],
    };
    const error = await refusal(roundTrip('wrong', wrong));
    assert.deepEqual(
      pathsOf(error),
      Object.keys(wrong)
        .map((name) => `rows[0].${name}`)
        .toSorted(),
    );
  });
});
