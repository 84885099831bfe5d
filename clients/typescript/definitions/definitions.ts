import type { DefinitionInput, FeatureViewInput } from '../generated/operations.ts';

/** What can be registered. A view's features are properties of it too, of which one may be called as a noun is. */
export type Definition = DefinitionInput | { readonly featureView: FeatureViewInput };

type Noun<D> = D extends { readonly featureView: unknown }
  ? 'featureView'
  : Extract<keyof D, keyof DefinitionInput & string>;
/** Kind, name and variant, where they are known. */
type Identity<D> = D extends { readonly [K in Noun<D>]: { name: infer N extends string; variant?: infer V } }
  ? string extends N | (V & string)
    ? never
    : `${Noun<D>} ${N}@${V & string}`
  : never;

/** The same list, where each name is defined once; a second definition of one is an error that names it. */
type EachOnce<D extends readonly unknown[], Seen = never> = D extends readonly [infer First, ...infer Rest]
  ? [Identity<First>] extends [never]
    ? EachOnce<Rest, Seen>
    : Identity<First> extends Seen
      ? { error: `${Identity<First>} is defined twice` }
      : EachOnce<Rest, Seen | Identity<First>>
  : unknown;

/** All that is to be registered, in any order: `definitions(driver, trips, stats, eta)`. */
export function definitions<const D extends readonly Definition[]>(...all: D & EachOnce<D>): DefinitionInput[] {
  return [...(all as readonly DefinitionInput[])];
}
