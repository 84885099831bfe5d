import { packRow } from '../providers/contract/online-row.ts';
import { serveAsked } from '../src/on-demand/asked-serving.ts';
import { Catalog } from '../src/registry/catalog.ts';
import { draughtPlan } from '../src/registry/planning.ts';
import { requireSelection, storedFeatures } from '../src/registry/selection.ts';
import { readKeys } from '../src/serving/key-input.ts';
import { serveFeatures } from '../src/serving/online-serving.ts';
import type { ReadRows } from '../src/serving/row-reading.ts';
import { viewRows } from '../src/serving/view-rows.ts';

/**
 * What on-demand features add to serving 100 rows, and what it costs that there are any: milliseconds of this process, with
 * rows that are in memory, so that no store hides it. Forms are measured by turns.
 */
const rows = 100;
const names = Array.from({ length: 10 }, (_, at) => `f${at}`);
const definitions = [
  { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
  { kind: 'PROVIDER', name: 'latest', config: { lmdb: {} } },
  { kind: 'SOURCE', name: 'rows', transformation: { sql: 'select 1' } },
  { kind: 'ENTITY', name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] },
  {
    ...{ kind: 'FEATURE_VIEW', name: 'stats', entity: 'driver', source: 'rows', eventTimestamp: 'at' },
    features: names.map((name, at) => ({ name, type: at % 3 === 0 ? 'INT64' : 'FLOAT64' })),
  },
  {
    ...{ kind: 'ON_DEMAND_FEATURE_VIEW', name: 'quote', inputs: names.map((name) => ({ feature: `stats:${name}` })) },
    request: [{ name: 'amount', type: 'FLOAT64' }],
    features: [
      'request.amount > f1 * 10.0 ? f2 * 2.5 : f2 * 0.5',
      'math.abs(request.amount - f1) / (f4 + 1.0)',
      'coalesce(f1, f2) > 0.5 && f4 < 1.0',
      'f0 * 3 + 1',
      'double(f0) / f1',
      'f3 % 7 == 0 ? f5 : f7',
      'f8 + f7 + f5 + f4',
      'has(request.amount) ? request.amount - f1 : 0.0',
      'f6 > f9',
      'math.greatest(f1, f2, f4, request.amount)',
    ].map((expression, at) => ({ name: `q${at}`, expression })),
  },
];
const { after: catalog } = draughtPlan(new Catalog([], []), definitions, []);
const view = catalog.find('FEATURE_VIEW', 'stats');
if (view === undefined) throw new Error('the view is not there');
const { layout } = viewRows(view);
const packed = Array.from({ length: rows }, (_, row) =>
  packRow(layout, {
    eventTimestamp: 1_700_000_000_000_000n,
    createdTimestamp: null,
    values: names.map((_name, at) => (at % 3 === 0 ? BigInt(row * 1_000_003 + at) : row / (at + 7))),
  }),
);
const read: ReadRows = async ({ keys, views }) => ({
  rows: keys.map((_, at) => views.map(() => packed[at])),
  failed: [],
});

const stored = requireSelection(
  catalog,
  names.map((name) => ({ feature: `stats:${name}` })),
);
const computed = requireSelection(
  catalog,
  Array.from({ length: 10 }, (_, at) => ({ feature: `quote:q${at}` })),
);
const keys = [{ joinKey: 'driver_id', values: Array.from({ length: rows }, (_, at) => at) }];
const request = [{ name: 'amount', values: keys[0]?.values.map((at) => at / 3) ?? [] }];

const forms: Record<string, () => Promise<unknown>> = {
  'stored, as without on-demand features': () =>
    serveFeatures(read, { features: storedFeatures(stored), ...readKeys(storedFeatures(stored), keys) }),
  stored: () => serveAsked(catalog, read, { features: stored, keys, request: [] }),
  'stored, and 10 on demand': () => serveAsked(catalog, read, { features: [...stored, ...computed], keys, request }),
};

const best: Record<string, number> = {};
for (let round = 0; round < 12; round++) {
  for (const [name, serve] of Object.entries(forms)) {
    const times = 200;
    const start = performance.now();
    for (let at = 0; at < times; at++) await serve();
    const milliseconds = (performance.now() - start) / times;
    if (round > 1) best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, milliseconds);
  }
}
console.table(
  Object.fromEntries(Object.entries(best).map(([name, ms]) => [name, { 'ms a request': Number(ms.toFixed(4)) }])),
);
