import type {
  EntityRoleInput,
  FeatureServiceInput,
  LabelInput,
  ModelInput,
  TrainingSetInput,
  TrainingSetSplitInput,
} from '../generated/operations.ts';
import type { ColumnType, ValueOf } from './column-types.ts';
import { described, type Named, referenceTo, type Varied } from './described.ts';
import { type EntityBy, type EntityOf, entityReference, type KeysOfEntity, keyColumnInputs } from './entities.ts';
import {
  callOf,
  misuse,
  requireFeatures,
  requireList,
  requireMade,
  requireObject,
  requireOptions,
  requireText,
  requireTypes,
} from './misuse.ts';
import type {
  EntityOfFeature,
  FeatureValueOf,
  IsLagged,
  NameOf,
  RoleOf,
  SelectedFeature,
} from './selected-features.ts';
import type { SourceOf } from './sources.ts';

declare const holds: unique symbol;

/** Who a label's rows speak of, by role. */
type Roles = { readonly [role: string]: EntityOf | EntityBy<never> | EntityBy<EntityOf> };
type EntityIn<X> = X extends { readonly of: infer E } ? E : X;
export type LabelOf<N extends string, T, R extends Roles, I extends string = string> = {
  readonly label: Named<LabelInput, N, I>;
  readonly [holds]?: { value: T; roles: { [K in keyof R]: EntityIn<R[K]> } };
};

export type LabelOptions<
  R extends Roles,
  V extends { readonly [column: string]: ColumnType },
  I extends string,
> = Varied<I> & {
  source: SourceOf;
  /** Its one column: `{ late: bool() }`. */
  value: V;
  timestamp?: string;
  /** Columns that training sets keep. */
  columns?: readonly string[];
  /** By role, which is the entity's name where it plays no other: `{ origin: by(airport, { faa: 'origin' }), plane }`. */
  entities: R;
};

/** A value to predict. */
export function label<
  const N extends string,
  const R extends Roles,
  const V extends { readonly [column: string]: ColumnType },
  const I extends string = 'v1',
>(name: N, said: LabelOptions<R, V, I>): LabelOf<N, ValueOf<V[keyof V]>, R, I> {
  requireLabel(name, said as never);
  const { source, value, columns, entities, ...options } = said;
  const [[column, { type }] = ['', { type: '' }]] = Object.entries(value);
  const written = Object.entries(entities).map(([role, one]) => roleInput(role, one as EntityOf | EntityBy<EntityOf>));
  return {
    label: {
      name,
      ...described(options),
      source: referenceTo(source.source),
      value: { column, type },
      ...(columns && { columns: [...columns] }),
      entities: written,
    },
  };
}

function requireLabel(name: unknown, said: LabelOptions<Roles, { [column: string]: ColumnType }, string>): void {
  const call = callOf('label', name);
  const fix = "Write label('late', { source: trips, value: { late: bool() }, entities: { driver } }).";
  requireText(call, 'the name', name, fix);
  requireObject(call, 'what it is of', said, fix);
  requireMade(call, 'source', said.source, 'source', 'Give what files(…), table(…) or transformation(…) made.');
  requireTypes(call, 'value', said.value, fix);
  if (Object.keys(said.value).length !== 1) misuse(call, 'value must have one column', fix);
  requireObject(call, 'entities', said.entities, fix);
  for (const [role, one] of Object.entries(said.entities)) {
    const entity: unknown = typeof one === 'object' && one !== null && 'of' in one ? one.of : one;
    requireMade(call, `entities.${role}`, entity, 'entity', 'Give what entity(…) made, or by(airport, …).');
  }
}

function roleInput(role: string, one: EntityOf | EntityBy<EntityOf>): EntityRoleInput {
  const entity = 'of' in one ? one.of : one;
  const joinKeys = 'of' in one ? keyColumnInputs(one.by) : [];
  return {
    entity: entityReference(entity),
    ...(role !== entity.entity.name && { role }),
    ...(joinKeys.length > 0 && { joinKeys }),
  };
}

type RolesPlayedBy<N extends string, R> = { [K in keyof R]: R[K] extends EntityOf<N> ? K : never }[keyof R];
type IsOne<U, All = U> = [U] extends [never] ? false : U extends unknown ? ([All] extends [U] ? true : false) : never;
/** Whether a feature needs no role: its entity plays the one that is called like it, or only one. */
type IsClear<N extends string, R> = N extends RolesPlayedBy<N, R> ? true : IsOne<RolesPlayedBy<N, R>>;

/** What a feature is of, where its label lacks that: the words of the compile error. */
type Fits<F, R> =
  F extends SelectedFeature<infer E, string, unknown, infer P>
    ? P extends string
      ? P extends keyof R
        ? R[P] extends E
          ? F
          : { error: `the role ${P} is played by another entity` }
        : { error: `the label has no role ${P}` }
      : IsClear<E['entity']['name'], R> extends true
        ? F
        : { error: `say in which role ${E['entity']['name']} is meant` }
    : never;

type Selection = readonly SelectedFeature[];
type RolesOf<L> = L extends LabelOf<string, unknown, infer R> ? { [K in keyof R]: EntityIn<R[K]> } : never;

export type TrainingSetOf<N extends string, F extends Selection, I extends string = string> = {
  readonly trainingSet: Named<TrainingSetInput, N, I>;
  readonly [holds]?: { features: F };
};

/** A service whatever it holds. */
export type AnyService = { readonly featureService: FeatureServiceInput };

/** One label and features, joined point-in-time. */
export function trainingSet<
  const N extends string,
  L extends LabelOf<string, unknown, Roles>,
  const F extends Selection,
  const I extends string = 'v1',
>(
  name: N,
  said: Varied<I> & {
    label: L;
    features: F & { readonly [K in keyof F]: Fits<F[K], RolesOf<L>> };
    knownAsOf?: boolean;
    split?: TrainingSetSplitInput;
  },
): TrainingSetOf<N, F, I> {
  const [call, fix] = [
    callOf('trainingSet', name),
    "Write trainingSet('eta', { label: late, features: [stats.trips] }).",
  ];
  requireText(call, 'the name', name, fix);
  requireObject(call, 'what it is of', said, fix);
  requireMade(call, 'label', said.label, 'label', 'Give what label(…) made.');
  requireFeatures(call, 'features', said.features);
  const { label, features, ...options } = said;
  const chosen = { label: referenceTo(label.label), features: [...features] };
  return { trainingSet: { name, ...described(options), ...chosen } };
}

export type FeatureServiceOf<N extends string, F extends Selection, I extends string = string> = {
  readonly featureService: Named<FeatureServiceInput, N, I>;
  readonly [holds]?: { features: F };
};

/** The features that a model consumes: `featureService('eta', [stats.conv_rate, stats.trips.as('recent')])`. */
export function featureService<const N extends string, const F extends Selection, const I extends string = 'v1'>(
  name: N,
  features: F & { readonly [K in keyof F]: IsLagged<F[K]> extends true ? { error: 'a service has no lag' } : F[K] },
  options: Varied<I> = {},
): FeatureServiceOf<N, F, I> {
  const call = callOf('featureService', name);
  requireText(call, 'the name', name, "Write featureService('eta', [stats.trips]).");
  requireFeatures(call, 'features', features);
  requireOptions(call, options);
  return { featureService: { name, ...described(options), features: [...features] } };
}

type FeaturesOf<S> = S extends { readonly [holds]?: { features: infer F extends Selection } } ? F[number] : never;

/** A row of features of a service or training set by name; null where there is no value. */
export type RowOf<S> = { [F in FeaturesOf<S> as NameOf<F> & string]: FeatureValueOf<F> | null };

type KeyValues<E> = { -readonly [K in keyof KeysOfEntity<E>]: ValueOf<KeysOfEntity<E>[K]> };
type Intersected<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
/** Of an on-demand feature the keys of all entities that it is computed from. */
type KeysOfFeature<F> =
  RoleOf<F> extends string
    ? { [P in RoleOf<F>]: KeyValues<EntityOfFeature<F>> }
    : Intersected<EntityOfFeature<F> extends infer E ? (E extends unknown ? KeyValues<E> : never) : never>;
/** The keys of a row: join keys by name, those of an entity in a role below that role. */
export type KeysOf<S> = Intersected<
  FeaturesOf<S> extends infer F ? (F extends unknown ? KeysOfFeature<F> : never) : never
>;

export type ModelOf<N extends string, I extends string = string> = { readonly model: Named<ModelInput, N, I> };

/** What lineage ends in. */
export function model<const N extends string, const I extends string = 'v1'>(
  name: N,
  said: Varied<I> & {
    trainingSets?: readonly TrainingSetOf<string, Selection>[];
    featureServices?: readonly FeatureServiceOf<string, Selection>[];
  },
): ModelOf<N, I> {
  const [call, fix] = [
    callOf('model', name),
    "Write model('eta', { trainingSets: [learnt], featureServices: [served] }).",
  ];
  requireText(call, 'the name', name, fix);
  requireObject(call, 'what it is built on', said, fix);
  const { trainingSets = [], featureServices = [], ...options } = said;
  for (const [what, noun, all] of [
    ['trainingSets', 'trainingSet', trainingSets],
    ['featureServices', 'featureService', featureServices],
  ] as const) {
    requireList(call, what, all, fix);
    for (const [at, one] of all.entries()) requireMade(call, `${what}[${at}]`, one, noun, fix);
  }
  return {
    model: {
      name,
      ...described(options),
      trainingSets: trainingSets.map((one) => referenceTo(one.trainingSet)),
      featureServices: featureServices.map((one) => referenceTo(one.featureService)),
    },
  };
}
