import type { Catalog, ResourceOf } from '../catalog.ts';

/**
 * The entity whose type has an on-demand feature view as a field, and that a role may be given for: the one that all of
 * its inputs are of, each in no role of its own. Undefined where there are several.
 */
export function entityOfInputs(
  catalog: Catalog,
  { definition }: ResourceOf<'ON_DEMAND_FEATURE_VIEW'>,
): ResourceOf<'ENTITY'> | undefined {
  const entities = new Set(
    definition.inputs.map(({ feature, role }) => {
      const node = catalog.find('FEATURE', feature);
      const view = node && catalog.find('FEATURE_VIEW', node.definition.view);
      return role === undefined ? view?.definition.entity : undefined;
    }),
  );
  const [only] = entities;
  return entities.size === 1 && only !== undefined ? catalog.find('ENTITY', only) : undefined;
}
