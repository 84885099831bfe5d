import assert from 'node:assert/strict';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { computeRun } from '../../src/on-demand/computed-run.ts';
import type { Catalog } from '../../src/registry/catalog.ts';
import { draughtPlan } from '../../src/registry/planning.ts';
import { type AskedFeature, requireSelection } from '../../src/registry/selection.ts';
import type { PlannedRetrieval } from '../../src/retrieval/point-in-time-planning.ts';
import { context } from './offline-rows.ts';
import type { ServedView } from './served-worlds.ts';

/** Expressions over a feature `x` of a type: with errors, with nulls, and such as look at each bit. */
function expressionsOf(type: string): string[] {
  if (type.startsWith('VECTOR')) return ['x[0] * 2.0', 'size(x)'];
  if (type.endsWith('[]')) return ['size(x)', 'x == x', 'x.filter(e, e != null)'];
  if (type.startsWith('FLOAT')) return ['x', 'x * 3.0 - 0.1', '1.0 / x', 'math.isNaN(x) ? -1.0 : x', 'int(x)'];
  if (type.startsWith('INT')) return ['x', 'x * x', '100 / x', 'x % 7', 'coalesce(x, -1) + 1'];
  if (type === 'STRING') return ['x', 'size(x)', 'x + "é"', 'x < "m"', 'int(x)'];
  if (type === 'BYTES') return ['x', 'size(x)', 'x + b"a"'];
  if (type === 'BOOL') return ['!x', 'x ? 1 / 0 : 2'];
  return ['x', 'x.getFullYear()', 'string(x)', 'x == null'];
}

/** A catalog with an on-demand feature view of all features of its views, and what is asked for of it. */
export function withComputed(
  catalog: Catalog,
  views: readonly ServedView[],
): { catalog: Catalog; asked: AskedFeature[] } {
  const stored = views.flatMap(({ described }) =>
    described.features.map(({ name, type }) => ({
      feature: `${described.name}:${name}`,
      alias: `${described.name}_${name}`,
      type,
    })),
  );
  const features = stored.flatMap(({ alias, type }) =>
    expressionsOf(type).map((text, at) => ({
      name: `${alias}_${at}`,
      expression: text.replaceAll(/\bx\b/g, alias),
    })),
  );
  const inputs = stored.map(({ feature, alias }) => ({ feature, alias }));
  const view = { kind: 'ON_DEMAND_FEATURE_VIEW', name: 'computed', inputs, features };
  const issues: never[] = [];
  const { after } = draughtPlan(catalog, [view], issues);
  assert.deepEqual(issues, []);
  return {
    catalog: after,
    asked: requireSelection(
      after,
      features.map(({ name }) => ({ feature: `computed:${name}` })),
    ),
  };
}

/** What a plan's rows are with their computed columns, and in how many of them there is none because of an error. */
export async function computedOffline(
  store: OfflineStore,
  planned: PlannedRetrieval,
): Promise<{ rows: Value[][]; errors: number }> {
  const [joined, run] = [`joined ${Math.random()}`, `computed ${Math.random()}`];
  try {
    const { columns } = await store.retrieve(planned.plan, joined, context());
    const { summary, errors } = await computeRun(
      store,
      { run: joined, columns },
      planned.computed ?? [],
      run,
      context(),
    );
    const { rows } = await store.readRun(run, 0, summary.rows + 1);
    return { rows, errors: errors.reduce((sum, one) => sum + one.rows, 0) };
  } finally {
    for (const one of [joined, run]) await store.dropRun(one);
  }
}
