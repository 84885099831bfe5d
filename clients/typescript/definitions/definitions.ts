import type { DefinitionInput, FeatureViewInput, OnDemandFeatureViewInput } from '../generated/operations.ts';
import { requireObject } from './misuse.ts';

/** What can be registered. A view's features are properties of it too, of which one may be called as a noun is. */
export type Definition =
  | DefinitionInput
  | { readonly featureView: FeatureViewInput }
  | { readonly onDemandFeatureView: OnDemandFeatureViewInput };

type Noun<D> = D extends { readonly featureView: unknown }
  ? 'featureView'
  : D extends { readonly onDemandFeatureView: unknown }
    ? 'onDemandFeatureView'
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
  const fix = 'Give what builders made, each as one: definitions(driver, trips, ...others).';
  for (const [at, one] of (all as readonly unknown[]).entries())
    requireObject('definitions(…)', `what comes as number ${at + 1}`, one, fix);
  return [...(all as readonly DefinitionInput[])];
}
