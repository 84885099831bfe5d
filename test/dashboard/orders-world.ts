import type { DefinitionInput } from '@featuregraph/client';

/** Orders of which a refund says that they were returned: it is written afterwards, and only then. */
export function orders(): string {
  const row = (id: number) => {
    const isReturned = id % 3 === 0;
    return `${id},2024-01-01T00:00:00,${isReturned},${(id * 37) % 101},${isReturned ? 10 : ''}`;
  };
  return ['order_id,ordered_at,returned,amount,refund', ...Array.from({ length: 200 }, (_one, id) => row(id)), ''].join(
    '\n',
  );
}

/** A training set of them, of which one feature is written after its label. */
export const leaking: DefinitionInput[] = [
  { entity: { name: 'order', joinKeys: [{ name: 'order_id', type: 'INT64' }] } },
  { source: { name: 'orders', provider: 'warehouse', files: { paths: ['orders.csv'] } } },
  {
    featureView: {
      name: 'order_facts',
      entity: 'order',
      source: 'orders',
      eventTimestamp: 'ordered_at',
      features: [
        { name: 'amount', type: 'INT64' },
        { name: 'refund', type: 'INT64' },
        { name: 'was_returned', type: 'BOOL', column: 'returned' },
      ],
    },
  },
  {
    label: {
      name: 'came_back',
      source: 'orders',
      value: { column: 'returned', type: 'BOOL' },
      timestamp: 'ordered_at',
      entities: [{ entity: 'order' }],
    },
  },
  {
    trainingSet: {
      name: 'returned_orders',
      label: 'came_back',
      features: ['amount', 'refund', 'was_returned'].map((name) => ({ feature: `order_facts:${name}` })),
    },
  },
];
