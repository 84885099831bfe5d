import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { boundEntity, boundService, boundTrainingSet, type TypedValue } from '@featuregraph/client';
import { type MapRow, tableFromIPC, type Vector } from 'apache-arrow';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { warehouses } from './servers/warehouses.ts';
import { categoriesWorld, names } from './windows/categories-world.ts';

const ten = '2024-03-01T10:00:00Z';
/** Of each customer at ten, by feature, as JSON has it. */
const atTen: Record<number, readonly unknown[]> = {
  1: [
    { books: 14, food: 2.5, '10': null },
    { books: 1 },
    { '9007199254740993': 2, '9007199254740992': 1, '7': 1 },
    { '2024-02-29': 5.303300858899107, '2024-03-01': null },
    { books: '9007199254740993', food: '9007199254740992', '10': 7 },
    24.5,
  ],
  2: [{ books: 'NaN' }, {}, { '1': 1 }, { '2024-03-01': null }, { books: 1 }, 'NaN'],
  3: [{ ['__proto__']: 1 }, {}, { '1': 1 }, { '2024-03-01': null }, { ['__proto__']: 1 }, 1],
  4: [{}, {}, {}, {}, {}, null],
};
const customers = [1, 2, 3, 4];

const postgres = await postgresForTests();
after(() => ('stop' in postgres ? postgres.stop() : undefined));

for (const { name, skip, provider, variables } of warehouses(postgres)) {
  describe(`windows with a secondary key, over ${name}`, { skip }, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ variables });
      await server.client.apply([provider, ...categoriesWorld]);
      assert.deepEqual(await settleJobs(server), []);
      await server.graphql(`mutation { materialize(views: ["spending"], to: "2024-03-02T00:00:00Z") { id } }`);
      assert.deepEqual(await settleJobs(server), []);
    });
    after(() => server?.stop());

    async function trained(): Promise<unknown[][]> {
      const run = await server.client.trainingSet('mapped').page();
      const rows = run.rows?.edges.map(({ node }) => node as unknown[]) ?? [];
      return rows.toSorted(([one], [other]) => Number(one) - Number(other)).map((row) => row.slice(3));
    }

    async function downloaded(format: string): Promise<Buffer> {
      const answer = await server.client.trainingSet('mapped').download({ format: format as never });
      return Buffer.from(await answer.arrayBuffer());
    }

    test('are in training what they are as they are served, key by key', async () => {
      const rows = await trained();
      assert.deepEqual(
        rows.map((row) => row.slice(0, names.length)),
        customers.map((id) => atTen[id]),
      );
      assert.deepEqual(rows[0]?.[names.length], { books: 10 });
      const { columns } = await server.client.onlineFeatures('mapped', { customer_id: customers }, { at: ten });
      assert.deepEqual(
        customers.map((_, row) => columns.map(({ values }) => values[row])),
        customers.map((id) => atTen[id]),
      );
      assert.deepEqual(
        columns[0]?.statuses,
        customers.map(() => 'PRESENT'),
      );
    });

    test('decay by the clock to maps without entries', async () => {
      const at = { at: '2024-04-01T00:00:00Z' };
      const { columns } = await server.client.onlineFeatures('mapped', { customer_id: [1] }, at);
      assert.deepEqual(columns.map(({ values }) => values[0]).toSpliced(2, 3), [{}, {}, null]);
    });

    test('are inputs of on-demand features, online and in training', async () => {
      const expected = [
        [14, 2.5, 103],
        ['NaN', null, 1],
        [0, null, 1],
        [0, null, 0],
      ];
      assert.deepEqual(
        (await trained()).map((row) => row.slice(names.length + 1)),
        expected,
      );
      const select = { features: ['books', 'food', 'sellers'].map((name) => ({ feature: `share:${name}` })) };
      const { columns } = await server.client.onlineFeatures(select, { customer_id: customers }, { at: ten });
      assert.deepEqual(
        customers.map((_, row) => columns.map(({ values }) => values[row])),
        expected,
      );
      assert.deepEqual(columns[1]?.statuses, ['PRESENT', 'ERROR', 'ERROR', 'ERROR']);
    });

    test('are one field of their entity each, exact as they are', async () => {
      const { data, errors } = await server.graphql(`{
        customerList(keys: [{ customerId: 1 }, { customerId: 2 }, { customerId: 4 }], at: "${ten}") {
          spending { spent orders bySeller spread lastSeller _features(names: ["spent"]) { value status } } } }`);
      assert.equal(errors, undefined, JSON.stringify(errors));
      const list = data.customerList as { spending: Record<string, unknown> }[];
      for (const [at, id] of [1, 2, 4].entries()) {
        const { _features: features, ...values } = list[at]?.spending ?? {};
        assert.deepEqual(Object.values(values), atTen[id]?.slice(0, 5));
        assert.deepEqual(features, [{ value: atTen[id]?.[0], status: 'PRESENT' }]);
      }
    });

    test('are the same in every form of a download', async () => {
      const lines = (await downloaded('JSONL')).toString().trimEnd().split('\n');
      const ofLines = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      for (const row of ofLines)
        assert.deepEqual(
          names.map((name) => row[name]),
          atTen[Number(row.customer_id)],
        );
      const csv = (await downloaded('CSV')).toString();
      assert.ok(csv.includes('"{""10"":null,""books"":14,""food"":2.5}"'), csv);
      const table = tableFromIPC(await downloaded('ARROW'));
      const ids = [...(table.getChild('customer_id') as Vector)].map(Number);
      const entries = (name: string, id: number) => {
        const row = table.getChild(name)?.get(ids.indexOf(id)) as MapRow | null;
        return row === null ? null : [...row];
      };
      // In the order of their keys.
      assert.deepEqual(entries('spent', 1), [
        ['10', null],
        ['books', 14],
        ['food', 2.5],
      ]);
      assert.deepEqual(entries('by_seller', 1), [
        [7n, 1n],
        [2n ** 53n, 1n],
        [2n ** 53n + 1n, 2n],
      ]);
      assert.deepEqual(entries('spent', 2), [['books', Number.NaN]]);
      assert.deepEqual(entries('spent', 4), []);
      const file = join(server.dataRoot, 'mapped.parquet');
      await writeFile(file, await downloaded('PARQUET'));
      const duckdb = await DuckDBInstance.create(':memory:');
      const connection = await duckdb.connect();
      const reader = await connection.runAndReadAll(
        `SELECT CAST(spent AS VARCHAR), CAST(by_seller AS VARCHAR), typeof(spent), typeof(spread) FROM read_parquet('${file}') ORDER BY customer_id`,
      );
      connection.closeSync();
      duckdb.closeSync();
      assert.deepEqual(reader.getRows()[0], [
        '{10=NULL, books=14.0, food=2.5}',
        '{7=1, 9007199254740992=1, 9007199254740993=2}',
        'MAP(VARCHAR, DOUBLE)',
        'MAP(DATE, DOUBLE)',
      ]);
    });

    test('are maps in what is bound to a service, an entity and a training set', async () => {
      const types = { spent: 'MAP(STRING, FLOAT64)', by_seller: 'MAP(INT64, INT64)', spread: 'MAP(DATE, FLOAT64)' };
      type Values = {
        spent: TypedValue<'MAP(STRING, FLOAT64)'>;
        by_seller: TypedValue<'MAP(INT64, INT64)'>;
        spread: TypedValue<'MAP(DATE, FLOAT64)'>;
      };
      const service = boundService<{ customer_id: bigint }, Values>(server.client, 'mapped', {
        keys: { customer_id: 'INT64' },
        features: types,
      });
      const { spent, by_seller: bySeller, spread } = await service.online({ customer_id: 1n }, { at: ten });
      const ofBooks: number | null | undefined = spent.value?.get('books');
      const ofSeller: bigint | null | undefined = bySeller.value?.get(7n);
      assert.deepEqual([ofBooks, ofSeller], [14, 1n]);
      assert.deepEqual(
        spent?.value,
        new Map([
          ['10', null],
          ['books', 14],
          ['food', 2.5],
        ]),
      );
      assert.deepEqual(
        bySeller.value,
        new Map([
          [7n, 1n],
          [2n ** 53n, 1n],
          [2n ** 53n + 1n, 2n],
        ]),
      );
      assert.deepEqual(
        spread?.value,
        new Map([
          ['2024-02-29', 5.303300858899107],
          ['2024-03-01', null],
        ]),
      );
      const entity = boundEntity<{ customerId: bigint }, { spending: { spent: unknown } }>(server.client, 'customer', {
        spending: { spent: types.spent },
      });
      const found = await entity.get({ customerId: 2n }, { spending: { spent: true } }, { at: ten });
      assert.deepEqual(found?.spending?.spent, new Map([['books', Number.NaN]]));
      const set = boundTrainingSet<Record<string, unknown>>(server.client, 'mapped', {
        customer_id: 'INT64',
        ...types,
      });
      for await (const row of set.rows()) if (row.customer_id === 4n) assert.deepEqual(row.spent, new Map());
    });

    test('are objects in what Feast asks for, with whole numbers however large', async () => {
      const asked = { feature_service: 'mapped', entities: { customer_id: [1, 4] } };
      const answer = await fetch(new URL('/get-online-features', server.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(asked),
      });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      assert.match(text, /\{"7":2,"9007199254740992":1,"9007199254740993":2\}|"9007199254740993":2/);
      assert.match(text, /"books":9007199254740993/);
    });

    test('take what is pushed, late or again, and a row of it by its key alone', async () => {
      const row = {
        customer_id: 5,
        bought_at: ten,
        id: 'x',
        amount: 1,
        category: 'new',
        seller: -1,
        day: '2024-03-01',
      };
      const rows = [row, { ...row, id: 'y', bought_at: '2024-03-01T09:00:00Z', amount: null, category: 'other' }];
      assert.deepEqual(await server.client.push('spending', rows), { written: 2, stale: 0 });
      const again = await server.client.push('spending', rows);
      assert.deepEqual([again.written, again.stale], [0, 2]);
      const at = { at: '2024-03-01T10:00:00.000001Z' };
      const { columns } = await server.client.onlineFeatures('mapped', { customer_id: [5] }, at);
      assert.deepEqual(
        columns.slice(0, 3).map(({ values }) => values[0]),
        [{ new: 1, other: null }, {}, { '-1': 1 }],
      );
    });
  });
}
