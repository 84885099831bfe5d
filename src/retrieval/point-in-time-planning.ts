import { Failure } from '../../providers/contract/failure.ts';
import type {
  AsOfJoin,
  OutputColumn,
  PointInTimePlan,
  SplitPlan,
} from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { computedRetrieval } from '../on-demand/computed-retrieval.ts';
import type { RunColumn } from '../on-demand/computed-run.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { parseDuration } from '../registry/duration.ts';
import { columnsRead, featureColumn } from '../registry/pinning.ts';
import { providerOf } from '../registry/relations.ts';
import {
  type AskedFeature,
  type EntityRole,
  keyColumns,
  labelColumns,
  labelRoles,
  type ResolvedFeature,
  requireSelection,
} from '../registry/selection.ts';
import { relationOf } from '../registry/source-relations.ts';
import { keyTypes, registeredType } from '../serving/view-rows.ts';
import { eventColumns, hasWindows, windowsOf } from '../windows/view-windows.ts';
import { splitPlan } from './split.ts';
import { type WindowJoin, windowFeature, windowInstant, windowKey, windowRelation } from './window-joins.ts';

/** What is to be joined to which rows. `columns` of the spine are kept in the answer, before the features. */
export type Retrieval = {
  spine: {
    relation: Relation;
    /** The store that the relation lives in; rows that were sent along live in none. */
    provider?: ResourceOf<'PROVIDER'>;
    timestamp?: string;
    columns: readonly OutputColumn[];
    roles: readonly EntityRole[];
  };
  /** Those that are computed on demand among them. */
  asked: readonly AskedFeature[];
  knownAsOf: boolean;
  /** Comes after the columns of the spine. */
  split?: SplitPlan;
};

/** A plan, and the offline stores that its relations live in, the spine's first. */
export type PlannedRetrieval = {
  plan: PointInTimePlan;
  homes: ReadonlyMap<Relation, ResourceOf<'PROVIDER'>>;
  /** What the columns of the answer are made of, where some are computed of those that are joined. */
  computed?: readonly RunColumn[];
  /** What the relations of windows are made of, whose homes are those of their events. */
  windows: ReadonlyMap<Relation, WindowJoin>;
};

/**
 * A training set's rows: the label's entity keys, its timestamp, the columns that it keeps and its value, named as the
 * label is, the part of its split where it has one, and then the features in the order of the definition.
 */
export function trainingSetRetrieval(catalog: Catalog, trainingSet: ResourceOf<'TRAINING_SET'>): Retrieval {
  const label = required(catalog.find('LABEL', trainingSet.definition.label), trainingSet.definition.label);
  const source = required(catalog.find('SOURCE', label.definition.source), label.definition.source);
  const roles = labelRoles(catalog, label);
  const { timestamp, value } = label.definition;
  const { split } = trainingSet.definition;
  const kept = labelColumns(catalog, label);
  return {
    spine: {
      relation: relationOf(catalog, source),
      provider: providerOf(catalog, source),
      ...(timestamp !== undefined && { timestamp }),
      columns: [...kept.map((column) => ({ column, as: column })), { column: value.column, as: label.name }],
      roles,
    },
    asked: requireSelection(catalog, trainingSet.definition.features, roles),
    knownAsOf: trainingSet.definition.knownAsOf,
    ...(split !== undefined && { split: splitPlan(split, roles, timestamp ?? '') }),
  };
}

/** One as-of join per view, role and lag, whatever the number of features; output is in the order asked for. */
export function planRetrieval(catalog: Catalog, { spine, asked, knownAsOf, split }: Retrieval): PlannedRetrieval {
  const own = [...spine.columns, ...(split === undefined ? [] : [split])].map(({ as }) => as);
  const { features, columns: computed } = computedRetrieval(catalog, asked, own);
  const groups = Map.groupBy(features, (feature) => `${feature.view.ref} ${feature.role} ${feature.lag}`);
  const homes = new Map<Relation, ResourceOf<'PROVIDER'>>();
  const { relation, provider, columns, timestamp } = spine;
  if (provider !== undefined) homes.set(relation, provider);
  // One relation for all joins that read a source, so that its store can tell that they are the same.
  const relations = new Map<string, Relation>();
  const windows = new Map<Relation, WindowJoin>();
  const joins = [...groups.values()].map((group) => {
    const source = sourceOfView(catalog, viewOf(group));
    if (hasWindows(viewOf(group).definition)) {
      const { window, join } = windowJoinOf(catalog, group, spine.roles, knownAsOf);
      windows.set(join.relation, window);
      homes.set(join.relation, providerOf(catalog, source));
      return join;
    }
    const joined = relations.get(source.ref) ?? relationOf(catalog, source);
    relations.set(source.ref, joined);
    homes.set(joined, providerOf(catalog, source));
    return joinOf(catalog, group, joined, spine.roles, knownAsOf);
  });
  const output = [...own, ...features.map(({ as }) => as)];
  const plan = { spine: { relation, columns, ...(timestamp !== undefined && { timestamp }) }, joins, output };
  const whole = split === undefined ? plan : { ...plan, split };
  return { homes, windows, plan: whole, ...(computed !== undefined && { computed }) };
}

function viewOf([first]: readonly ResolvedFeature[]): ResourceOf<'FEATURE_VIEW'> {
  if (first === undefined) throw new TypeError('a group of features has a first one');
  return first.view;
}

/** The offline store in which a view's rows live. */
export function providerOfView(catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): ResourceOf<'PROVIDER'> {
  return providerOf(catalog, sourceOfView(catalog, view));
}

export function sourceOfView(catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): ResourceOf<'SOURCE'> {
  return required(catalog.find('SOURCE', view.definition.source), view.definition.source);
}

/** Entity keys, times and values of a view, by their columns in its source. */
export function viewColumns(catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>) {
  const entity = required(catalog.find('ENTITY', view.definition.entity), view.definition.entity);
  const { eventTimestamp, createdTimestamp, features, joinKeys } = view.definition;
  return {
    entity,
    keys: keyColumns(entity, joinKeys),
    values: hasWindows(view.definition)
      ? eventColumns(view.definition).map(({ name }) => name)
      : features.flatMap(columnsRead),
    ...(eventTimestamp !== undefined && { eventTimestamp }),
    ...(createdTimestamp !== undefined && { createdTimestamp }),
  };
}

function joinOf(
  catalog: Catalog,
  group: readonly ResolvedFeature[],
  relation: Relation,
  roles: readonly EntityRole[],
  knownAsOf: boolean,
): AsOfJoin {
  const [first] = group;
  if (first === undefined) throw new TypeError('a group of features has a first one');
  const { keys, values, entity: _, ...times } = viewColumns(catalog, first.view);
  const role = required(
    roles.find((one) => one.role === first.role),
    first.role,
  );
  const ttl = first.view.definition.ttl === undefined ? undefined : parseDuration(first.view.definition.ttl);
  return {
    relation,
    keys: keys.map(({ column }, at) => ({ spine: role.keys[at]?.column ?? '', joined: column })),
    ...times,
    ...(ttl !== undefined && { ttl }),
    ...(first.lag > 0n && { lag: first.lag }),
    knownAsOf: knownAsOf && times.createdTimestamp !== undefined,
    columns: group.map((feature) => ({ column: featureColumn(feature.feature.definition), as: feature.as })),
    tieBreak: values,
  };
}

/** Windows are joined at the very moments of the spine: there is a row for each. */
function windowJoinOf(
  catalog: Catalog,
  group: readonly ResolvedFeature[],
  roles: readonly EntityRole[],
  knownAsOf: boolean,
): { window: WindowJoin; join: AsOfJoin } {
  const view = viewOf(group);
  const { keys, values, entity, eventTimestamp, createdTimestamp } = viewColumns(catalog, view);
  const role = required(
    roles.find((one) => one.role === group[0]?.role),
    view.ref,
  );
  const columns = group.map(({ feature }, at) => {
    return { name: windowFeature(at), type: registeredType(feature.definition.type) };
  });
  const window = {
    plan: windowsOf(view.definition),
    positions: group.map(({ position }) => position),
    columns,
    keyTypes: keyTypes(entity.definition),
    spineKeys: role.keys.map(({ column }) => column),
    lag: Number(group[0]?.lag ?? 0n),
    knownAsOf,
    events: {
      relation: relationOf(catalog, sourceOfView(catalog, view)),
      keys: keys.map(({ column }) => column),
      ...(eventTimestamp !== undefined && { eventTimestamp }),
      ...(createdTimestamp !== undefined && { createdTimestamp }),
      columns: values,
    },
  };
  const join = {
    relation: windowRelation(window),
    keys: window.spineKeys.map((spine, at) => ({ spine, joined: windowKey(at) })),
    eventTimestamp: windowInstant,
    ttl: 0n,
    knownAsOf: false,
    columns: group.map(({ as }, at) => ({ column: windowFeature(at), as })),
    tieBreak: [],
  };
  return { window, join };
}

/** What a registered definition refers to is registered: anything else is a defect. */
function required<T>(found: T | undefined, reference: string): T {
  if (found === undefined) throw new Failure('INTERNAL', `"${reference}" is not in the catalog`);
  return found;
}
