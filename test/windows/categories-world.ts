import {
  count,
  type DefinitionInput,
  date,
  entity,
  featureView,
  float64,
  int64,
  max,
  stddev,
  string,
  sum,
} from '@featuregraph/client';
import { madeSource } from '../servers/warehouses.ts';

const purchases = madeSource(
  'purchases',
  [
    'customer_id bigint',
    'bought_at timestamp',
    'amount double precision',
    'category varchar',
    'seller bigint',
    'day date',
    'id varchar',
  ],
  [
    "1, '2024-03-01 08:00:00', 10, 'books', 9007199254740993, '2024-02-29', 'a'",
    "1, '2024-03-01 09:30:00', 2.5, 'food', 9007199254740992, '2024-02-29', 'b'",
    "1, '2024-03-01 09:45:00', 4, 'books', 9007199254740993, '2024-03-01', 'c'",
    "1, '2024-03-01 09:50:00', NULL, '10', 7, '2024-03-01', 'd'",
    "1, '2024-03-01 09:55:00', 8, NULL, 7, NULL, 'e'",
    "1, '2024-03-01 10:00:00', 100, 'late', 7, NULL, 'f'",
    "2, '2024-02-01 00:00:00', CAST('NaN' AS double precision), 'books', 1, '2024-03-01', 'g'",
    "3, '2024-03-01 09:00:00', 1, '__proto__', 1, '2024-03-01', 'h'",
  ],
);

const questions = madeSource(
  'questions',
  ['customer_id bigint', 'asked_at timestamp', 'bought boolean'],
  [1, 2, 3, 4].map((id) => `${id}, '2024-03-01 10:00:00', true`),
);

const customer = entity('customer', { customer_id: int64() });
/** By `secondaryKey` as the builders write it, of sources that are named. */
const spending = featureView('spending', {
  entity: customer,
  source: { source: { name: 'purchases' } } as never,
  eventTimestamp: 'bought_at',
  eventId: { column: 'id' },
  lateness: '10000d',
  features: {
    spent: sum('amount', float64()).secondaryKey('category', string()).over('30d', { hop: '1h' }),
    orders: count().secondaryKey('category', string()).over('1h', { filter: 'amount > 3.0' }),
    by_seller: count('amount', float64()).secondaryKey('seller', int64()).over('FOREVER'),
    spread: stddev('amount', float64()).secondaryKey('day', date()).over('FOREVER'),
    last_seller: max('seller', int64())
      .secondaryKey('category', string())
      .over('FOREVER', { tags: ['partners'] }),
    all: sum('amount', float64()).over('30d', { hop: '1h' }),
  },
});

export const names = ['spent', 'orders', 'by_seller', 'spread', 'last_seller', 'all'] as const;

/** Purchases by customer and category, served from LMDB, and questions that are asked of them at ten. */
export const categoriesWorld: DefinitionInput[] = [
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  customer,
  purchases,
  questions,
  spending,
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
    onDemandFeatureView: {
      name: 'share',
      inputs: [{ feature: 'spending:spent' }, { feature: 'spending:by_seller' }],
      features: [
        { name: 'books', expression: '"books" in spent ? spent["books"] : 0.0' },
        { name: 'food', expression: 'spent["food"]' },
        { name: 'sellers', expression: 'size(by_seller) + (9007199254740993 in by_seller ? 100 : 0)' },
      ],
    },
  },
  { featureService: { name: 'mapped', features: names.map((name) => ({ feature: `spending:${name}` })) } },
  {
    trainingSet: {
      name: 'mapped',
      label: 'bought',
      features: [
        ...names.map((name) => ({ feature: `spending:${name}` })),
        { feature: 'spending:spent', alias: 'spent_before', lag: '1h' },
        ...['books', 'food', 'sellers'].map((name) => ({ feature: `share:${name}` })),
      ],
    },
  },
];
