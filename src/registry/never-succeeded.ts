import type { Catalog, Resource } from './catalog.ts';
import type { Definition } from './definitions/definition.ts';
import type { FeatureNode } from './definitions/feature-view.ts';
import { onlineStoreOf } from './online-store.ts';
import { isStored } from './relations.ts';

/** Kinds that need a job before they can be used; the others are ready as soon as they are registered. */
export function needsJob(definition: Definition | FeatureNode): boolean {
  if (definition.kind === 'SOURCE') return isStored(definition);
  if (definition.kind === 'FEATURE_VIEW') return onlineStoreOf(definition) !== undefined;
  return definition.kind === 'TRAINING_SET';
}

/** The resources whose last job failed or was cancelled: some of them may have had one that succeeded. */
export function failedResources(catalog: Catalog): Resource[] {
  return catalog.resources.filter(({ status, definition }) => status === 'FAILED' && needsJob(definition));
}

/**
 * Whether a variant may be registered anew with another definition: no job of it ever succeeded (`neverSucceeded` has its
 * id), nor one of anything that is built on it, so that nobody can have its values.
 */
export function isReplaceable(catalog: Catalog, resource: Resource, neverSucceeded: ReadonlySet<string>): boolean {
  if (!neverSucceeded.has(resource.id)) return false;
  return builtOn(catalog, resource).every(({ id, definition }) => !needsJob(definition) || neverSucceeded.has(id));
}

/** All that is built on a resource, near or far, a view's features among it. */
export function builtOn(catalog: Catalog, resource: Resource): Resource[] {
  const found = new Set<Resource>();
  const visit = ({ id }: Resource): void => {
    for (const one of catalog.downstream(id)) {
      if (found.has(one)) continue;
      found.add(one);
      visit(one);
    }
  };
  visit(resource);
  return [...found];
}
