import type { Issue } from '../../../providers/contract/failure.ts';
import type { Catalog, ResourceOf } from '../catalog.ts';
import type { SelectedFeature } from '../definitions/definition.ts';
import { inputName } from './expression-inputs.ts';
import { entityOfInputs } from './on-demand-entity.ts';

/** An on-demand feature that was asked for. `I` is a stored feature that was looked up: `inputs` are in the view's order. */
export type ComputedFeature<I> = {
  feature: ResourceOf<'FEATURE'>;
  view: ResourceOf<'ON_DEMAND_FEATURE_VIEW'>;
  /** Its place among the features asked for. */
  at: number;
  /** Its place among the view's features. */
  position: number;
  /** The roles of its inputs, in words. */
  role: string;
  as: string;
  lag: bigint;
  inputs: readonly I[];
};

type Selected = Pick<SelectedFeature, 'feature' | 'role' | 'alias' | 'lag'>;

/** Undefined where something about it has been reported. `lookUp` resolves an input as if it had been asked for itself. */
export function computedFeature<I extends { role: string; lag: bigint }>(
  catalog: Catalog,
  feature: ResourceOf<'FEATURE'>,
  { role, alias, lag }: Selected,
  at: number,
  issues: Issue[],
  lookUp: (input: Selected) => I | undefined,
): ComputedFeature<I> | undefined {
  const view = catalog.find('ON_DEMAND_FEATURE_VIEW', feature.definition.view);
  if (view === undefined) return undefined;
  if (role !== undefined && entityOfInputs(catalog, view) === undefined) {
    const message = `${feature.ref} has inputs of several entities or roles, so that no one role is meant.`;
    issues.push({ path: `features[${at}].role`, message, fix: 'Leave it out.' });
    return undefined;
  }
  const inputs = view.definition.inputs.flatMap((input) => {
    const own = input.role ?? role;
    const asked = { feature: input.feature, alias: inputName(input), ...(own !== undefined && { role: own }) };
    return lookUp({ ...asked, ...(lag !== undefined && { lag }) }) ?? [];
  });
  if (inputs.length < view.definition.inputs.length) return undefined;
  const { name } = feature.definition;
  return {
    feature,
    view,
    at,
    position: view.definition.features.findIndex((one) => one.name === name),
    role: [...new Set(inputs.map((input) => input.role))].join(', '),
    as: alias ?? (role === undefined ? name : `${role}_${name}`),
    lag: inputs[0]?.lag ?? 0n,
    inputs,
  };
}
