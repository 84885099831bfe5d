import type { FeatureViewInput } from '../generated/operations.ts';
import type { ColumnType, ValueOf } from './column-types.ts';
import { described, type Named, referenceTo, type Varied } from './described.ts';
import { type EntityOf, entityReference, type KeyColumnsOf, keyColumnInputs } from './entities.ts';
import { callOf, requireMade, requireObject, requireText, requireTypes } from './misuse.ts';
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
  /** Of windows: how long after its time an event is still taken in online; 1h when left out. */
  lateness?: string;
  /** Of windows: what an event is known again by, a STRING where no type is named. */
  eventId?: { column: string; type?: string };
  /** Of windows: columns that filters name besides those of features, each with its type. */
  eventColumns?: Readonly<Record<string, ColumnType>>;
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
>(name: N, said: FeatureViewOptions<E, F, V>): FeatureViewOf<N, E, F, V> {
  requireView(name, said);
  const { entity, source, features, joinKeys, onlineStore, vectorStore, eventColumns, ...options } = said;
  const names = Object.keys(features);
  const written: Named<FeatureViewInput, N, V> = {
    name,
    ...described(options),
    entity: entityReference(entity),
    source: referenceTo(source.source),
    ...(eventColumns && {
      eventColumns: Object.entries(eventColumns).map(([column, { type }]) => ({ column, type })),
    }),
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

function requireView(name: unknown, said: FeatureViewOptions<EntityOf, FeatureTypes, string>): void {
  const call = callOf('featureView', name);
  const fix = `Write featureView('stats', { entity: driver, source: trips, features: { trips: int64() } }).`;
  requireText(call, 'the name', name, fix);
  requireObject(call, 'what it is of', said, fix);
  const { entity, source, features, joinKeys, eventColumns, onlineStore, vectorStore } = said;
  requireMade(call, 'entity', entity, 'entity', 'Give what entity(…) made.');
  requireMade(call, 'source', source, 'source', 'Give what files(…), table(…) or transformation(…) made.');
  requireTypes(call, 'features', features, 'Write features: { trips: int64() }.');
  if (joinKeys !== undefined) requireObject(call, 'joinKeys', joinKeys, "Write joinKeys: { faa: 'origin' }.");
  if (eventColumns !== undefined)
    requireTypes(call, 'eventColumns', eventColumns, 'Write eventColumns: { amount: float64() }.');
  const store = 'Give what redis(…), lmdb(…), qdrant(…) or another provider made, or leave it out.';
  if (onlineStore !== undefined && onlineStore !== null)
    requireMade(call, 'onlineStore', onlineStore, 'provider', store);
  if (vectorStore !== undefined) requireMade(call, 'vectorStore', vectorStore, 'provider', store);
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
>(view: V, said: { role?: R; prefix?: P } = {}): AllOf<V, R, P>[] {
  requireMade(callOf('allOf', view), 'what comes first', view, 'featureView', 'Give what featureView(…) made.');
  requireObject(callOf('allOf', view, said), 'what comes second', said, "Write allOf(stats, { role: 'origin' }).");
  const { role, prefix } = said;
  const { features, ...own } = view.featureView;
  return features.map(({ name }) =>
    selectedFeature({
      feature: `${referenceTo(own)}:${name}`,
      ...(role !== undefined && { role }),
      ...(prefix !== undefined && { alias: `${prefix}_${name}` }),
    }),
  ) as AllOf<V, R, P>[];
}
