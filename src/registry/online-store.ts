import type { FeatureViewDefinition } from './definitions/definition.ts';

/** Where a view is served from, by reference; undefined where it is for training only, whether that was said or not. */
export function onlineStoreOf({ onlineStore }: Pick<FeatureViewDefinition, 'onlineStore'>): string | undefined {
  return onlineStore ?? undefined;
}
