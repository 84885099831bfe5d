import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  collectDistinct,
  count,
  countDistinct,
  type DefinitionInput,
  entity,
  featureView,
  first,
  float64,
  int64,
  last,
  lastK,
  max,
  mean,
  min,
  quantile,
  stddev,
  string,
  sum,
  variance,
} from '@featuregraph/client';
import { settleJobs } from '../servers/drivers-world.ts';
import type { TestServer } from '../servers/featuregraph.ts';
import { refusal } from '../servers/refusal.ts';
import { spending, type View } from './spending-world.ts';

/** What is registered of windows, and what is refused, on a server that has the world of spending. */
export function testRegistration(server: () => TestServer): void {
  test('are told of by the plan, and written back as they were', async () => {
    const view = { ...spending, variant: 'v2', onlineStore: 'latest' };
    const { notes, issues } = await server().client.plan([{ featureView: view }]);
    assert.deepEqual(issues, []);
    assert.match(
      notes[0]?.message ?? '',
      /^spending@v2 keeps about \d+ bytes of a key online \(\d+ tiles\), and 65 more for each of its events of the last 10007d; .* 1 read\.$/,
    );
    const { data } =
      await server().graphql(`{ featureView(ref: "spending") { definition lateness eventId { column type }
      features { name column aggregation { function window hop inclusive quantile of default } } } }`);
    const { definition, features, lateness, eventId } = data.featureView as {
      definition: DefinitionInput;
      features: { name: string; column: string | null; aggregation: object }[];
      lateness: string;
      eventId: object;
    };
    const { steps } = await server().client.plan([definition]);
    assert.deepEqual(
      steps.map(({ action }) => action),
      ['UNCHANGED'],
    );
    assert.deepEqual({ lateness, eventId }, { lateness: '10000d', eventId: { column: 'order_id', type: 'STRING' } });
    assert.deepEqual(features[1], {
      name: 'spent_1d',
      column: 'amount',
      aggregation: {
        function: 'SUM',
        window: '1d',
        hop: '1h',
        inclusive: false,
        quantile: null,
        of: null,
        default: null,
      },
    });
    assert.equal(features[0]?.column, null);
  });

  test('are refused where they can not be what they say, with field and fix', async () => {
    const count = { function: 'COUNT', window: '1h' } as const;
    const view = (changes: Partial<View>): DefinitionInput => ({
      featureView: { ...spending, name: 'other', ...changes },
    });
    const feature = (changes: object): DefinitionInput =>
      view({ features: [{ name: 'one', type: 'INT64', aggregation: count, ...changes }] });
    const aggregation = (changes: object, more: object = {}) =>
      feature({ column: 'amount', type: 'FLOAT64', aggregation: { ...count, function: 'SUM', ...changes }, ...more });
    const refused: [string[], DefinitionInput][] = [
      [['eventTimestamp'], view({ eventTimestamp: null })],
      [['ttl'], view({ ttl: '1h' })],
      [
        ['features[1].aggregation'],
        view({ features: [...spending.features.slice(0, 1), { name: 'amount', type: 'FLOAT64' }] }),
      ],
      [['eventId', 'lateness'], view({ features: [{ name: 'amount', type: 'FLOAT64' }] })],
      [['eventId.column'], view({ eventId: { column: 'no_column' } })],
      [['features[0].type'], feature({ type: 'FLOAT64' })],
      [['features[0].column'], feature({ aggregation: { ...count, function: 'COUNT_DISTINCT' } })],
      [['features[0].aggregation.of'], feature({ column: 'shop' })],
      [['features[0]'], feature({ column: 'shop', aggregation: { ...count, of: 'INT64' } })],
      [
        ['features[0].type'],
        aggregation({}, { type: 'INT64', aggregation: { ...count, function: 'SUM', of: 'FLOAT64' } }),
      ],
      [['features[0].aggregation.function'], aggregation({ of: 'STRING' }, { column: 'shop' })],
      [['features[0].aggregation.window'], aggregation({ window: '0s' })],
      [['features[0].aggregation.window'], aggregation({ window: 'one hour' })],
      [['features[0].aggregation.filter'], aggregation({ filter: 'amount >' })],
      [['features[0].aggregation.filter'], aggregation({ filter: 'note == ""' })],
      [['features[0].aggregation.filter'], aggregation({ filter: 'amount + 1.0' })],
      [['eventColumns[0]'], view({ eventColumns: [{ column: 'shop', type: 'STRING' }] })],
      [['eventColumns[0].column'], view({ eventColumns: [{ column: 'no_column', type: 'STRING' }] })],
      [['features[0].aggregation.hop'], aggregation({ hop: '2h' })],
      [['features[0].aggregation.hop'], aggregation({ window: 'FOREVER', hop: '2h' })],
      [['features[0].aggregation.k'], aggregation({ k: 2 })],
      [['features[0].aggregation.k'], aggregation({ function: 'LAST_K' }, { type: 'FLOAT64[]' })],
      [['features[0].aggregation.quantile'], aggregation({ function: 'QUANTILE' })],
      [['features[0].aggregation.default'], aggregation({ default: 'much' })],
      [
        ['features[1].aggregation.of'],
        view({
          features: [
            ...spending.features.slice(1, 2),
            { name: 'two', type: 'INT64', column: 'amount', aggregation: { ...count, of: 'INT64' } },
          ],
        }),
      ],
    ];
    for (const [paths, definition] of refused) {
      const { issues } = await server().client.plan([definition]);
      const found = [...new Set(issues.map(({ path }) => path.replace('definitions[0].', '')))].toSorted();
      assert.ok(
        paths.every((path) => found.includes(path)),
        `${JSON.stringify(definition)}: ${found} is not ${paths}`,
      );
      assert.ok(
        issues.every(({ fix }) => fix),
        JSON.stringify(issues),
      );
    }
  });

  test('are built by functions of the client, all of which the graph takes', async () => {
    const customer = entity('customer', { customer_id: int64() });
    const of = { of: float64() };
    const built = featureView('built', {
      entity: customer,
      source: { source: { name: 'orders' } } as never,
      eventTimestamp: 'ordered_at',
      eventId: { column: 'order_id' },
      eventColumns: { note: string() },
      lateness: '3h',
      features: {
        orders: count().over('1h', { description: 'Orders.', hop: '1m', offset: '1d', inclusive: true, default: '-1' }),
        priced: count('amount', of.of).over('FOREVER'),
        shops: countDistinct('shop', string(), { limit: 5 }).over('7d', { filter: 'amount > 1.0 && note != ""' }),
        spent: sum('amount', float64()).over('7d'),
        items: sum('items', int64()).over('7d'),
        mean: mean('amount', of.of).over('7d'),
        variance: variance('items', int64()).over('7d'),
        stddev: stddev('amount', of.of).over('7d'),
        p99: quantile('amount', 0.99, of.of).over('7d', { hop: '1d' }),
        least: min('amount', of.of).over('7d'),
        most: max('amount', of.of).over('7d'),
        first: first('shop', string()).over('FOREVER'),
        last: last('shop', string()).over('7d'),
        last_shops: lastK('shop', 3, string()).over('7d'),
        all_shops: collectDistinct('shop', string(), { limit: 9 }).over('7d'),
      },
    });
    const { issues } = await server().client.plan([built]);
    assert.deepEqual(issues, []);
    const [orders, , , spent, items] = built.featureView.features;
    assert.deepEqual(orders, {
      name: 'orders',
      type: 'INT64',
      description: 'Orders.',
      aggregation: { function: 'COUNT', window: '1h', hop: '1m', offset: '1d', inclusive: true, default: '-1' },
    });
    assert.deepEqual([spent?.type, items?.type], ['FLOAT64', 'INT64']);
  });

  test('are not joined to rows without a moment, nor pushed without an identity', async () => {
    const untimed: DefinitionInput = {
      trainingSet: { name: 'ever', label: 'bought_ever', features: [{ feature: 'spending:items' }] },
    };
    const { issues } = await server().client.plan([untimed]);
    assert.deepEqual(
      issues.map(({ path }) => path),
      ['definitions[0].features[0].feature'],
    );
    const { eventId: _, ...plain } = spending;
    await server().client.apply([{ featureView: { ...plain, name: 'unknown' } }]);
    assert.deepEqual(await settleJobs(server()), []);
    const refused = await refusal(server().client.push('unknown', [{ customer_id: 1 }]));
    assert.deepEqual([refused.code, refused.issues[0]?.path], ['INVALID_INPUT', 'view']);
  });
}
