import { mutantsOf } from './mutant.ts';

export const plannerMutants = [
  ...mutantsOf(
    'src/retrieval/point-in-time-planning.ts',
    ['test/graph-retrieval.test.ts'],
    [
      ['the lag of a feature is forgotten', '...(first.lag > 0n && { lag: first.lag })', '...{}'],
      ['the TTL of a view is forgotten', '...(ttl !== undefined && { ttl })', '...{}'],
      ['knownAsOf is forgotten', 'knownAsOf: knownAsOf && times', 'knownAsOf: false && times'],
      [
        'two roles share a join',
        '${feature.view.ref} ${feature.role} ${feature.lag}',
        '${feature.view.ref} ${feature.lag}',
      ],
      [
        'two lags share a join',
        '${feature.view.ref} ${feature.role} ${feature.lag}',
        '${feature.view.ref} ${feature.role}',
      ],
      ['every join key is the first one', 'role.keys[at]?.column', 'role.keys[0]?.column'],
      ['ties are broken by nothing', 'tieBreak: values', 'tieBreak: []'],
      [
        'the spine has no timestamp',
        'columns, ...(timestamp !== undefined && { timestamp }) }, joins, output }',
        'columns }, joins, output }',
      ],
      ['views are joined by their own role only', 'roles.find((one) => one.role === first.role)', 'roles[0]'],
    ],
  ),
  ...mutantsOf(
    'src/retrieval/point-in-time-planning.ts',
    ['test/graph-column-order.test.ts'],
    [['columns come view by view', '{ timestamp }) }, joins, output }', '{ timestamp }) }, joins }']],
  ),
];
