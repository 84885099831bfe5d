import type { DefinitionInput } from '@featuregraph/client';
import { madeSource } from '../servers/warehouses.ts';

const orders = madeSource(
  'orders',
  [
    'customer_id bigint',
    'ordered_at timestamp',
    'amount double',
    'items bigint',
    'shop varchar',
    'order_id varchar',
    'note varchar',
  ],
  [
    "1, '2024-03-01 08:00:00', 10, 1, 'north', 'a', ''",
    "1, '2024-03-01 09:30:00', 2.5, 2, 'south', 'b', ''",
    "1, '2024-03-01 09:59:59.999999', 4, 9223372036854775807, 'north', 'c', ''",
    "1, '2024-03-01 10:00:00', 100, NULL, 'west', 'd', ''",
    "2, '2024-02-01 00:00:00', 7, 1, 'north', 'e', ''",
    "NULL, '2024-03-01 09:45:00', 7, 1, 'north', 'f', ''",
  ],
);

const questions = madeSource(
  'questions',
  ['customer_id bigint', 'asked_at timestamp', 'bought boolean'],
  [
    "1, '2024-03-01 10:00:00', true",
    "2, '2024-03-01 10:00:00', false",
    "3, '2024-03-01 10:00:00', true",
    "NULL, '2024-03-01 10:00:00', true",
  ],
);

export type View = NonNullable<DefinitionInput['featureView']>;

/** A view of windows over orders. */
export const spending = {
  name: 'spending',
  entity: 'customer',
  source: 'orders',
  eventTimestamp: 'ordered_at',
  eventId: { column: 'order_id' },
  lateness: '10000d',
  features: [
    { name: 'orders_1h', type: 'INT64', aggregation: { function: 'COUNT', window: '1h' } },
    { name: 'spent_1d', type: 'FLOAT64', column: 'amount', aggregation: { function: 'SUM', window: '24h', hop: '1h' } },
    { name: 'items', type: 'INT64', column: 'items', aggregation: { function: 'SUM', window: 'forever' } },
    {
      name: 'shops',
      type: 'STRING[]',
      column: 'shop',
      tags: ['places'],
      aggregation: { function: 'COLLECT_DISTINCT', window: '30d', hop: '1d', inclusive: true },
    },
    {
      name: 'median',
      type: 'FLOAT64',
      column: 'amount',
      aggregation: { function: 'QUANTILE', quantile: 0.5, window: '7d' },
    },
  ],
} satisfies View;

/** Orders of two customers, windows over them, and questions asked of three. */
export const spendingWorld: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { entity: { name: 'customer', joinKeys: [{ name: 'customer_id', type: 'INT64' }] } },
  orders,
  questions,
  { featureView: spending },
  { featureView: { ...spending, name: 'recent', lateness: '2h' } },
  {
    featureView: {
      name: 'last_order',
      entity: 'customer',
      source: 'orders',
      eventTimestamp: 'ordered_at',
      features: [{ name: 'amount', type: 'FLOAT64' }],
    },
  },
  {
    label: {
      name: 'bought',
      source: 'questions',
      timestamp: 'asked_at',
      value: { column: 'bought', type: 'BOOL' },
      entities: [{ entity: 'customer' }],
    },
  },
  {
    label: {
      name: 'bought_ever',
      source: 'questions',
      value: { column: 'bought', type: 'BOOL' },
      entities: [{ entity: 'customer' }],
    },
  },
  { featureService: { name: 'buying', features: [{ feature: 'spending:orders_1h' }] } },
  {
    trainingSet: {
      name: 'buying',
      label: 'bought',
      features: [
        ...spending.features.map(({ name }) => ({ feature: `spending:${name}` })),
        { feature: 'spending:orders_1h', alias: 'orders_before', lag: '1h' },
      ],
    },
  },
];
