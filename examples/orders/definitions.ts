import { entity, featureService, featureView, files, float64, int64, string } from '@featuregraph/client';

/** Everything that a small feature store needs: whom features speak of, where their rows are, what they are, who reads them. */
export const customer = entity('customer', { customer_id: int64() });

export const orders = files('orders', 'orders.csv');

export const habits = featureView('customer_habits', {
  entity: customer,
  source: orders,
  eventTimestamp: 'ordered_at',
  features: {
    orders_30d: int64('Orders in the last 30 days.'),
    spent_30d: float64('What these cost.'),
    last_city: string('Where the last one went.'),
  },
});

export const churn = featureService('churn', [habits.orders_30d, habits.spent_30d.as('spent')]);
