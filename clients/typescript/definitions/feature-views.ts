import type { FeatureViewInput } from '../generated/operations.ts';
import type { ColumnType, ValueOf } from './column-types.ts';
import { described, type Named, referenceTo, type Varied } from './described.ts';
import { type EntityOf, entityReference, type KeyColumnsOf, keyColumnInputs } from './entities.ts';
import type { OnlineStore, VectorStore } from './providers.ts';
import { type SelectedFeature, selectedFeature } from './selected-features.ts';
import type { SourceOf } from './sources.ts';

type FeatureTypes = { readonly [feature: string]: ColumnType };

/** A view, and each of its features as a property. */
export type FeatureViewOf<N extends string, E extends EntityOf, F extends FeatureTypes, V extends string = string> = {
  readonly featureView: Named<FeatureViewInput, N, V>;
} & {
  readonly [K in keyof F & string]: SelectedFeature<E, K, ValueOf<F[K]>, undefined, false>;
};

export type FeatureViewOptions<E extends EntityOf, F extends FeatureTypes, V extends string> = Varied<V> & {
  entity: E;
  source: SourceOf;
  /** By name; `featureView` is what the view itself is. */
  features: F & { readonly featureView?: never };
  /** Which column holds which join key, where their names differ. */
  joinKeys?: KeyColumnsOf<E>;
  eventTimestamp?: string;
  createdTimestamp?: string;
  /** As 90s, 6h or 7d. */
  ttl?: string;
  /** Where to serve it from; null for training only. */
  onlineStore?: OnlineStore | null;
  vectorStore?: VectorStore;
  /** A cron expression of five fields, in UTC. */
  schedule?: string;
  graphqlName?: string;
  inaccessible?: boolean;
};

/** Features of one entity from one source, kept and served as one row. Each is a property: `stats.conv_rate`. */
export function featureView<
  const N extends string,
  E extends EntityOf,
  const F extends FeatureTypes,
  const V extends string = 'v1',
>(
  name: N,
  { entity, source, features, joinKeys, onlineStore, vectorStore, ...options }: FeatureViewOptions<E, F, V>,
): FeatureViewOf<N, E, F, V> {
  const names = Object.keys(features);
  const written: Named<FeatureViewInput, N, V> = {
    name,
    ...described(options),
    entity: entityReference(entity),
    source: referenceTo(source.source),
    ...(joinKeys && { joinKeys: keyColumnInputs(joinKeys) }),
    ...(onlineStore !== undefined && { onlineStore: onlineStore && referenceTo(onlineStore.provider) }),
    ...(vectorStore !== undefined && { vectorStore: referenceTo(vectorStore.provider) }),
    features: names.map((feature) => ({ name: feature, ...(features[feature] as ColumnType) })),
  };
  const view = { featureView: written };
  for (const feature of names) {
    const reference = `${referenceTo(written)}:${feature}`;
    // Not enumerable: as JSON the value is its definition, and nothing else.
    Object.defineProperty(view, feature, { value: selectedFeature({ feature: reference }) });
  }
  return view as FeatureViewOf<N, E, F, V>;
}

/** Features of a view under the names that they have with a role or a prefix: what `allOf` makes. */
type AllOf<V, R extends string | undefined, P extends string | undefined> = {
  [K in Exclude<keyof V, 'featureView'> & string]: V[K] extends SelectedFeature<infer E, string, infer T>
    ? SelectedFeature<E, P extends string ? `${P}_${K}` : R extends string ? `${R}_${K}` : K, T, R, false>
    : never;
}[Exclude<keyof V, 'featureView'> & string];

/** Every feature of a view, in a role where one is given, and under a prefix: `allOf(delays, { role: 'origin' })`. */
export function allOf<
  V extends { readonly featureView: FeatureViewInput },
  const R extends string | undefined = undefined,
  const P extends string | undefined = undefined,
>(view: V, { role, prefix }: { role?: R; prefix?: P } = {}): AllOf<V, R, P>[] {
  const { features, ...own } = view.featureView;
  return features.map(({ name }) =>
    selectedFeature({
      feature: `${referenceTo(own)}:${name}`,
      ...(role !== undefined && { role }),
      ...(prefix !== undefined && { alias: `${prefix}_${name}` }),
    }),
  ) as AllOf<V, R, P>[];
}
