import type { OnDemandFeatureInput, OnDemandFeatureViewInput, RequestValueInput } from '../generated/operations.ts';
import type { ColumnType } from './column-types.ts';
import { type Described, described, type Named, referenceTo, type Varied } from './described.ts';
import type { EntityOf } from './entities.ts';
import { callOf, misuse, requireFeatures, requireObject, requireText, requireType, requireTypes } from './misuse.ts';
import { type EntityOfFeature, type SelectedFeature, selectedFeature } from './selected-features.ts';

/** What a feature is computed by: an expression of CEL, alone or as `computed` makes it. */
type Expressions = { readonly [feature: string]: string | Computed };
type ValueOfExpression<X> = X extends Computed<infer T> ? T : unknown;

declare const value: unique symbol;

export type Computed<T = unknown> = Omit<OnDemandFeatureInput, 'name'> & { readonly [value]?: T };

/** An expression of CEL whose type is known, and what else is to be said of the feature. */
export function computed<T, W extends string>(
  type: ColumnType<T, W>,
  expression: string,
  description?: string,
  options: Described & { graphqlName?: string; inaccessible?: boolean } = {},
): Computed<T> {
  const [call, fix] = [callOf('computed', type, expression), "Write computed(float64(), 'amount / 100.0')."];
  requireType(call, 'the type', type, fix);
  requireText(call, 'the expression', expression, fix);
  const said = described({ ...options, ...(description !== undefined && { description }) });
  return { expression, type: type.type, ...said };
}

/** A value of the request that may be left out, and is null then. */
export function optional<T, W extends string>(type: ColumnType<T, W>): ColumnType<T, W> & { optional: true } {
  requireType(callOf('optional', type), 'the type', type, 'Write optional(float64()).');
  return { ...type, optional: true };
}

type Inputs = readonly SelectedFeature[];

/** An on-demand feature view, and each of its features as a property. */
export type OnDemandFeatureViewOf<N extends string, I extends Inputs, F extends Expressions, V extends string> = {
  readonly onDemandFeatureView: Named<OnDemandFeatureViewInput, N, V>;
} & {
  readonly [K in keyof F & string]: SelectedFeature<
    EntityOfFeature<I[number]> & EntityOf,
    K,
    ValueOfExpression<F[K]>,
    undefined,
    false
  >;
};

export type OnDemandFeatureViewOptions<I extends Inputs, F extends Expressions, V extends string> = Varied<V> & {
  /** The features that the expressions name: by their own names, or those that `as` gives them. */
  inputs: I;
  /** The values of a request that the expressions name, as `request.amount`. */
  request?: { readonly [name: string]: ColumnType & { optional?: true } };
  /** By name; `onDemandFeatureView` is what the view itself is. */
  features: F & { readonly onDemandFeatureView?: never };
  graphqlName?: string;
  inaccessible?: boolean;
};

/** Features that are computed from others and from the request, when they are asked for. Each is a property. */
export function onDemandFeatureView<
  const N extends string,
  const I extends Inputs,
  const F extends Expressions,
  const V extends string = 'v1',
>(name: N, given: OnDemandFeatureViewOptions<I, F, V>): OnDemandFeatureViewOf<N, I, F, V> {
  requireOnDemandView(name, given);
  const { inputs, request = {}, features, ...options } = given;
  const names = Object.keys(features);
  const written: Named<OnDemandFeatureViewInput, N, V> = {
    name,
    ...described(options),
    inputs: [...inputs],
    request: Object.entries(request).map(([own, type]) => requestValue(own, type)),
    features: names.map((feature) => {
      const said = features[feature] as string | Computed;
      return { name: feature, ...(typeof said === 'string' ? { expression: said } : said) };
    }),
  };
  const view = { onDemandFeatureView: written };
  for (const feature of names) {
    const reference = `${referenceTo(written)}:${feature}`;
    // Not enumerable: as JSON the value is its definition, and nothing else.
    Object.defineProperty(view, feature, { value: selectedFeature({ feature: reference }) });
  }
  return view as OnDemandFeatureViewOf<N, I, F, V>;
}

function requireOnDemandView(name: unknown, given: OnDemandFeatureViewOptions<Inputs, Expressions, string>): void {
  const call = callOf('onDemandFeatureView', name);
  const fix = "Write onDemandFeatureView('basket', { inputs: [stats.trips], features: { doubled: 'trips * 2' } }).";
  requireText(call, 'the name', name, fix);
  requireObject(call, 'what it is of', given, fix);
  requireFeatures(call, 'inputs', given.inputs);
  if (given.request !== undefined)
    requireTypes(call, 'request', given.request, 'Write request: { amount: float64() }.');
  requireObject(call, 'features', given.features, fix);
  for (const [feature, written] of Object.entries(given.features as Expressions)) {
    const { expression } = (
      typeof written === 'string' ? { expression: written } : (written ?? {})
    ) as Partial<Computed>;
    if (typeof expression === 'string') continue;
    misuse(call, `features.${feature} is no expression`, "Write 'trips * 2', or computed(int64(), 'trips * 2').");
  }
}

function requestValue(name: string, type: ColumnType & { optional?: true }): RequestValueInput {
  const { type: written, description, optional: mayBeLeftOut } = type;
  return {
    name,
    type: written,
    ...(description && { description }),
    ...(mayBeLeftOut !== undefined && { optional: mayBeLeftOut }),
  };
}
