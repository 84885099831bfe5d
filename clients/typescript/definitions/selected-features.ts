import type { SelectedFeatureInput } from '../generated/operations.ts';
import type { EntityOf } from './entities.ts';
import { callOf, requireText } from './misuse.ts';

declare const selected: unique symbol;

/** A feature as something asks for it: of which entity `E`, under which name `N`, of which values `T`, in which role `R`. */
export type SelectedFeature<
  E extends EntityOf = EntityOf,
  N extends string = string,
  T = unknown,
  R extends string | undefined = string | undefined,
  L extends boolean = boolean,
> = SelectedFeatureInput & {
  readonly [selected]?: { entity: E; name: N; value: T; role: R; lagged: L };
  /** Under another name. */
  as<const A extends string>(alias: A): SelectedFeature<E, A, T, R, L>;
  /** In the part that its entity plays. */
  in<const P extends string>(role: P): SelectedFeature<E, `${P}_${N}`, T, P, L>;
  /** As it was so long before, as 24h: for training sets alone. */
  lagged(duration: string): SelectedFeature<E, N, T, R, true>;
};

type Held<F> =
  F extends SelectedFeature<infer E, infer N, infer T, infer R, infer L>
    ? { entity: E; name: N; value: T; role: R; lagged: L }
    : never;
export type NameOf<F> = Held<F>['name'];
export type FeatureValueOf<F> = Held<F>['value'];
export type EntityOfFeature<F> = Held<F>['entity'];
export type RoleOf<F> = Held<F>['role'];
/** What can't be served: only the latest is. */
export type IsLagged<F> = Held<F>['lagged'] extends true ? true : false;

export function selectedFeature(input: SelectedFeatureInput): SelectedFeature {
  const said = (method: string, what: string, example: string) => (text: string) => {
    requireText(`${input.feature}${callOf(`.${method}`, text)}`, what, text, `Write .${method}('${example}').`);
    return text;
  };
  const methods = {
    as: (alias: string) => selectedFeature({ ...input, alias: said('as', 'the name', 'recent')(alias) }),
    in: (role: string) => selectedFeature({ ...input, role: said('in', 'the role', 'origin')(role) }),
    lagged: (lag: string) => selectedFeature({ ...input, lag: said('lagged', 'how long before', '24h')(lag) }),
  };
  const feature = { ...input };
  // Not enumerable: as JSON the value is what a definition holds.
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(feature, name, { value });
  return feature as SelectedFeature;
}
