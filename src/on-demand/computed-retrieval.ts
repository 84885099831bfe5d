import type { Catalog } from '../registry/catalog.ts';
import { type AskedFeature, isComputed, type ResolvedFeature, storedFeatures } from '../registry/selection.ts';
import { compiledView } from './compiled-view.ts';
import type { RunColumn } from './computed-run.ts';

/** What is to be joined for features, and how their columns are made of that; none are computed where `columns` is undefined. */
export type ComputedRetrieval = { features: readonly ResolvedFeature[]; columns?: readonly RunColumn[] };

/**
 * The features that a retrieval has to join, each once, and what its columns are made of: those that it keeps (`kept`, in
 * their order), and the features that were asked for.
 */
export function computedRetrieval(
  catalog: Catalog,
  asked: readonly AskedFeature[],
  kept: readonly string[],
): ComputedRetrieval {
  const own = asked.filter((one): one is ResolvedFeature => !isComputed(one));
  if (own.length === asked.length) return { features: own };
  const taken = new Set([...kept, ...own.map(({ as }) => as)].map((name) => name.toLowerCase()));
  const joined = new Map(own.map((one) => [identityOf(one), one]));
  for (const one of storedFeatures(asked)) {
    if (!joined.has(identityOf(one))) joined.set(identityOf(one), { ...one, as: freeName(taken) });
  }
  const nameOf = (one: ResolvedFeature) => joined.get(identityOf(one))?.as;
  const columns = asked.map((one): RunColumn => {
    if (!isComputed(one)) return { as: one.as, from: nameOf(one) ?? one.as };
    const values = one.view.definition.request.map(({ name }) => (kept.includes(name) ? name : undefined));
    const inputs = [...one.inputs.map(nameOf), ...values];
    return { as: one.as, view: compiledView(catalog, one.view), position: one.position, inputs };
  });
  return { features: [...joined.values()], columns: [...kept.map((name) => ({ as: name, from: name })), ...columns] };
}

/** The same feature, in the same role, as long before. */
function identityOf({ feature, role, lag }: ResolvedFeature): string {
  return `${role} ${lag} ${feature.id}`;
}

/** A name for a column that nobody sees. */
function freeName(taken: Set<string>): string {
  for (let at = taken.size; ; at++) {
    const name = `input_${at}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}
