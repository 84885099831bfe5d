import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { columnValues } from '../resolvers/serving.ts';
import type { ServedColumn } from '../src/serving/online-serving.ts';
import { othersDuring } from './others-during.ts';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { categoriesWorld } from './windows/categories-world.ts';

const ten = '2024-03-01T10:00:00Z';
const warehouse: DefinitionInput = { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } };

describe('a secondary key', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await server.client.apply([warehouse, ...categoriesWorld]);
    assert.deepEqual(await settleJobs(server), []);
  });
  after(() => server?.stop());

  const sum = { function: 'SUM', window: '1h', secondaryKey: 'category' } as const;
  const feature = (type: string, aggregation: object, more: object = {}): DefinitionInput => ({
    featureView: {
      name: 'other',
      entity: 'customer',
      source: 'purchases',
      eventTimestamp: 'bought_at',
      features: [{ name: 'one', type, column: 'amount', aggregation: aggregation as typeof sum, ...more }],
    },
  });

  test('that can not be what it says is refused, with field and fix', async () => {
    const plain: DefinitionInput = {
      featureView: {
        name: 'plain',
        entity: 'customer',
        source: 'purchases',
        features: [{ name: 'amount', type: 'MAP(STRING, FLOAT64)' }],
      },
    };
    const refused: [string, RegExp, DefinitionInput][] = [
      ['features[0].type', /is MAP\(STRING, FLOAT64\), not FLOAT64/, feature('FLOAT64', { ...sum, of: 'FLOAT64' })],
      ['features[0].type', /not MAP\(STRING, INT64\)/, feature('MAP(STRING, INT64)', { ...sum, of: 'FLOAT64' })],
      ['features[0].type', /Give a key of BOOL, INT32, INT64, STRING, DATE/, feature('MAP(FLOAT64, FLOAT64)', sum)],
      [
        'features[0].type',
        /or name a secondaryKey/,
        feature('MAP(STRING, FLOAT64)', { function: 'SUM', window: '1h' }),
      ],
      ['features[0].type', /Maps are made by windows/, plain],
      ['features[0].aggregation.secondaryKey', /is STRING, not INT64|is STRING/, feature('MAP(INT64, FLOAT64)', sum)],
      [
        'features[0].aggregation.secondaryKey',
        /has no column "no_column"/,
        feature('MAP(STRING, FLOAT64)', { ...sum, secondaryKey: 'no_column' }),
      ],
      [
        'features[0].aggregation.secondaryKey',
        /gives lists/,
        feature('MAP(STRING, FLOAT64)', { ...sum, function: 'COLLECT_DISTINCT' }),
      ],
      ['features[0].aggregation.default', /without entries/, feature('MAP(STRING, FLOAT64)', { ...sum, default: '0' })],
    ];
    for (const [path, words, definition] of refused) {
      const { issues } = await server.client.plan([definition]);
      const found = issues.find((issue) => issue.path === `definitions[0].${path}`);
      assert.ok(found?.fix, `${path}: ${JSON.stringify(issues)}`);
      assert.match(`${found.message} ${found.fix}`, words);
    }
  });

  test('makes no column of a label, a request or rows of one’s own a map', async () => {
    const map = 'MAP(STRING, FLOAT64)';
    const label: DefinitionInput = {
      label: {
        name: 'l',
        source: 'questions',
        value: { column: 'bought', type: map },
        entities: [{ entity: 'customer' }],
      },
    };
    const request: DefinitionInput = {
      onDemandFeatureView: {
        name: 'o',
        inputs: [{ feature: 'spending:all' }],
        request: [{ name: 'm', type: map }],
        features: [{ name: 'f', expression: 'all' }],
      },
    };
    for (const [definition, path] of [
      [label, 'value.type'],
      [request, 'request[0].type'],
    ] as const) {
      const { issues } = await server.client.plan([definition]);
      assert.deepEqual(
        issues.map((issue) => issue.path),
        [`definitions[0].${path}`],
      );
      assert.match(issues[0]?.message ?? '', /maps are made by windows/);
    }
    const whole: DefinitionInput = {
      onDemandFeatureView: {
        name: 'o',
        inputs: [{ feature: 'spending:spent' }],
        features: [{ name: 'f', expression: 'spent' }],
      },
    };
    const { issues } = await server.client.plan([whole]);
    assert.match(issues[0]?.message ?? '', /map\(string, double\) is no type of a feature/);
  });

  test('is one of the columns that its values come from', async () => {
    await writeFile(join(server.dataRoot, 'bought.csv'), 'customer_id,bought_at,amount,category\n1,2024-03-01,2.5,a\n');
    const one = { name: 'one', type: 'MAP(STRING, FLOAT64)', column: 'amount', aggregation: sum };
    const view = { name: 'filed', entity: 'customer', source: 'bought', eventTimestamp: 'bought_at', features: [one] };
    const share = {
      name: 'of_one',
      inputs: [{ feature: 'filed:one' }],
      features: [{ name: 'a', expression: 'one["a"]' }],
    };
    await server.client.apply([
      { source: { name: 'bought', files: { paths: ['bought.csv'] } } },
      { featureView: view },
      { onDemandFeatureView: share },
    ]);
    const { data } =
      await server.graphql(`{ one: feature(ref: "filed:one") { ...From } a: feature(ref: "of_one:a") { ...From } }
      fragment From on Feature { origins { source { ref } column } }`);
    const origins = ['amount', 'category'].map((column) => ({ source: { ref: 'bought@v1' }, column }));
    assert.deepEqual(data, { one: { origins }, a: { origins } });
  });

  test('is written back as it was, and tells its cost', async () => {
    const { data } = await server.graphql(`{
      featureView(ref: "spending") { definition features { name type column aggregation { function secondaryKey } } } }`);
    const { definition, features } = data.featureView as { definition: DefinitionInput; features: object[] };
    const { steps, notes } = await server.client.plan([definition]);
    assert.deepEqual(
      steps.map(({ action }) => action),
      ['UNCHANGED'],
    );
    assert.deepEqual(notes, []);
    assert.deepEqual(features[1], {
      name: 'orders',
      type: 'MAP(STRING, INT64)',
      column: null,
      aggregation: { function: 'COUNT', secondaryKey: 'category' },
    });
    const plan = async (type: string, aggregation: object) =>
      Number(
        /about (\d+) bytes/.exec((await server.client.plan([feature(type, aggregation)])).notes[0]?.message ?? '')?.[1],
      );
    const { secondaryKey: _, ...one } = sum;
    assert.ok(
      (await plan('MAP(STRING, FLOAT64)', { ...sum, hop: '5m' })) > 20 * (await plan('FLOAT64', { ...one, hop: '5m' })),
    );
  });

  test('is held to what one request may have, entry by entry', async () => {
    const small = await startTestServer({ variables: { FEATUREGRAPH_LIMIT_CELLS: '15' } });
    try {
      await small.client.apply([warehouse, ...categoriesWorld]);
      assert.deepEqual(await settleJobs(small), []);
      const rows = (
        name: string,
        ids: number,
      ) => `onlineFeatures(select: { features: [{ feature: "spending:${name}" }] }
        keys: [{ joinKey: "customer_id", values: [${Array.from({ length: ids }, () => 1)}] }], at: "${ten}") { columns { values } }`;
      const entity = (fields: string) => `customer(customerId: 1, at: "${ten}") { spending { ${fields} } }`;
      const code = async (query: string) => (await small.graphql(`{ ${query} }`)).errors?.[0]?.extensions.code;
      // Of each customer a cell and three entries, and a little for the texts of their keys.
      assert.equal(await code(rows('spent', 3)), undefined);
      assert.equal(await code(rows('spent', 4)), 'LIMIT_EXCEEDED');
      assert.equal(await code(rows('all', 15)), undefined);
      // What is computed of maps has read them: two inputs and their entries, and a value.
      const computed = (ids: number) => rows('food', ids).replace('spending:', 'share:');
      assert.equal(await code(computed(1)), undefined);
      assert.equal(await code(computed(2)), 'LIMIT_EXCEEDED');
      assert.equal(await code(entity('spent bySeller lastSeller')), undefined);
      const all = ['spent', 'bySeller', 'lastSeller', 'spread'].flatMap((field) => [field, `${field}2: ${field}`]);
      assert.equal(await code(entity(all.join(' '))), 'LIMIT_EXCEEDED');
      assert.equal(await code(entity('_features { value } spent bySeller')), 'LIMIT_EXCEEDED');
    } finally {
      await small.stop();
    }
  });

  test('is an object in a preview of what is computed of its map', async () => {
    const { data, errors } = await server.graphql(
      `query ($rows: [JSONObject!]!) { previewOnDemandFeatures(rows: $rows, definition: {
        name: "p", inputs: [{ feature: "spending:spent" }, { feature: "spending:spread" }]
        features: [{ name: "books", expression: "spent[\\"books\\"]" }, { name: "days", expression: "size(spread)" }] }) {
        columns { name values errors } } }`,
      {
        rows: [
          { spent: { books: 'Infinity' }, spread: { '2024-02-29': 1 } },
          { spent: {}, spread: null },
        ],
      },
    );
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual((data.previewOnDemandFeatures as { columns: unknown }).columns, [
      { name: 'books', values: ['Infinity', null], errors: [null, 'INDEX'] },
      { name: 'days', values: [1, null], errors: [null, null] },
    ]);
  });

  test('is written in turns where there are many, between which others are looked after', async () => {
    const entries = Array.from({ length: 1_000 }, (_, at): [string, number] => [`key ${at}`, at]);
    const values = Array.from({ length: 100 }, () => new Map(entries));
    const feature = { feature: { definition: { type: 'MAP(STRING, FLOAT64)' } } } as ServedColumn['feature'];
    const column = { feature, values, statuses: [], eventTimestamps: [] };
    let written: unknown[] = [];
    const others = await othersDuring(async () => {
      written = await columnValues(column);
    });
    assert.deepEqual(written, Array(100).fill(Object.fromEntries(entries)));
    assert.ok(others >= 3, `${others} times`);
  });
});
