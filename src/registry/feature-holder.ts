import type { Catalog, ResourceOf } from './catalog.ts';
import type { FeatureNode } from './definitions/feature-view.ts';

/** The view that a feature belongs to, of either kind. */
export function viewOf(
  catalog: Catalog,
  { view }: Pick<FeatureNode, 'view'>,
): ResourceOf<'FEATURE_VIEW'> | ResourceOf<'ON_DEMAND_FEATURE_VIEW'> | undefined {
  return catalog.find('FEATURE_VIEW', view) ?? catalog.find('ON_DEMAND_FEATURE_VIEW', view);
}
