import { formatValueType, type ScalarName, type ValueType } from '../../providers/contract/value-type.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import {
  entityTypeName,
  featureFieldName,
  keyNames,
  keySets,
  viewFieldName,
  viewTypeName,
} from '../registry/naming.ts';
import { onlineStoreOf } from '../registry/online-store.ts';
import { keyTypes, registeredType } from '../serving/view-rows.ts';
import { type FeatureField, featureFields } from './feature-fields.ts';
import type { KeyForm } from './key-form.ts';
import { type OnDemandPart, type OnDemandType, onDemandParts, onDemandTypes } from './on-demand-types.ts';

/** An entity as a type of the graph. It is decided by the entity's latest variant. */
export type EntityType = {
  name: string;
  entity: ResourceOf<'ENTITY'>;
  /** Join keys in their order, each with the fields that give it; the first is what arguments call it. */
  keys: readonly KeyField[];
  /** The sets of fields by any of which another graph may know it. */
  keySets: readonly (readonly string[])[];
  views: readonly ViewType[];
  onDemand: readonly OnDemandType[];
};

export type KeyField = { joinKey: string; fields: readonly KeyName[]; type: ScalarName; description: string };

/** A field that holds a join key. */
export type KeyName = { name: string; form: KeyForm };

/** A view as an object of its entity's type: all its variants, of which the latest says what it is. */
export type ViewType = {
  name: string;
  field: string;
  latest: ViewVariant;
  /** By variant, the first registered first. */
  variants: ReadonlyMap<string, ViewVariant>;
  features: readonly FeatureField[];
  /** Tags of any of its variants. */
  valueTags: readonly string[];
};

/** One variant of a view: where its rows are, and the place of each feature in them. */
export type ViewVariant = {
  view: ResourceOf<'FEATURE_VIEW'>;
  /** The variant of the entity under which its rows are kept. */
  entity: ResourceOf<'ENTITY'>;
  positions: ReadonlyMap<string, number>;
  /** Fields whose features are here of another type than the graph gives them, and so can't be answered. */
  mistyped: ReadonlySet<string>;
};

/** What an entity's type is made from: its latest variant, and the views that are served, the first registered first. */
export type EntityParts = {
  entity: ResourceOf<'ENTITY'>;
  views: readonly OwnView[];
  /** On-demand feature views whose inputs are all in these views. */
  onDemand: readonly OnDemandPart[];
};

/** A view, and the variant of the entity that it is registered on. */
type OwnView = { view: ResourceOf<'FEATURE_VIEW'>; entity: ResourceOf<'ENTITY'> };

/**
 * The entities of a catalog, the first registered first. Views without an online store are not served, and are left
 * out; so are those that are registered on an earlier variant of their entity with other join keys, as no key of the
 * latest finds their rows.
 */
export function entityParts(catalog: Catalog): EntityParts[] {
  const byName = Map.groupBy(catalog.ofKind('ENTITY'), ({ name }) => name);
  const served = catalog.ofKind('FEATURE_VIEW').filter(({ definition }) => onlineStoreOf(definition) !== undefined);
  const byEntity = Map.groupBy(served, ({ definition }) => definition.entity);
  const parts = [...byName.values()].flatMap((variants) => {
    const latest = variants.at(-1);
    if (latest === undefined) return [];
    const own = variants
      .filter((variant) => variant === latest || sameKeys(variant, latest))
      .flatMap((entity) => (byEntity.get(entity.ref) ?? []).map((view) => ({ view, entity })));
    return [{ entity: latest, views: own.toSorted((one, other) => one.view.sequence - other.view.sequence) }];
  });
  const reachable = new Set(parts.flatMap(({ views }) => views.map(({ view }) => view)));
  const onDemand = onDemandParts(catalog, (view) => reachable.has(view));
  return parts.map((part) => ({ ...part, onDemand: onDemand.get(part.entity.name) ?? [] }));
}

export function entityType({ entity, views: own, onDemand }: EntityParts): EntityType {
  const name = entityTypeName(entity.definition);
  const types = keyTypes(entity.definition);
  const keys = entity.definition.joinKeys.map(({ name: joinKey, description }, at) => {
    const fields = keyNames(entity.definition, joinKey).map(({ field, type }) => ({ name: field, form: type }));
    return { joinKey, fields, type: types[at] as ScalarName, description };
  });
  const byName = Map.groupBy(own, ({ view }) => view.name);
  const views = [...byName.values()].map((variants) => viewType(name, variants));
  return { name, entity, keys, keySets: keySets(entity.definition), views, onDemand: onDemandTypes(name, onDemand) };
}

/** The variant of a view, among those that an entity's type has. */
export function variantOfView(
  { views }: EntityType,
  { id, name }: ResourceOf<'FEATURE_VIEW'>,
): ViewVariant | undefined {
  for (const { variants, latest } of views) {
    if (latest.view.name !== name) continue;
    return [...variants.values()].find(({ view }) => view.id === id);
  }
  return undefined;
}

function viewType(entityName: string, own: readonly OwnView[]): ViewType {
  const features = featureFields(own.map(({ view }) => view));
  const types = new Map(features.map(({ field, type }) => [field, type]));
  const variants = own.map((one) => viewVariant(one, types));
  const latest = variants.at(-1) as ViewVariant;
  const field = viewFieldName(latest.view.definition);
  return {
    name: viewTypeName(entityName, field),
    field,
    latest,
    variants: new Map(variants.map((variant) => [variant.view.variant, variant])),
    features,
    valueTags: [...new Set(own.flatMap(({ view }) => view.definition.tags))],
  };
}

function viewVariant({ view, entity }: OwnView, types: ReadonlyMap<string, ValueType>): ViewVariant {
  const positions = new Map<string, number>();
  const mistyped = new Set<string>();
  for (const [at, feature] of view.definition.features.entries()) {
    const field = featureFieldName(feature);
    const type = types.get(field);
    if (type !== undefined && sameForm(type, registeredType(feature.type))) positions.set(field, at);
    else mistyped.add(field);
  }
  return { view, entity, positions, mistyped };
}

/** Whether values of two types have one form in the graph: both kinds of floats have, and vectors of any length. */
function sameForm(one: ValueType, other: ValueType): boolean {
  const form = (type: ValueType) => {
    if (type.kind === 'VECTOR') return 'FLOAT[]';
    if (type.kind === 'MAP') return formatValueType(type);
    const name = type.kind === 'SCALAR' ? type.name : type.element;
    return `${name.replace(/^FLOAT(?:32|64)$/, 'FLOAT')}${type.kind === 'ARRAY' ? '[?]' : ''}`;
  };
  return form(one) === form(other);
}

function sameKeys(one: ResourceOf<'ENTITY'>, other: ResourceOf<'ENTITY'>): boolean {
  const shape = ({ definition }: ResourceOf<'ENTITY'>) =>
    definition.joinKeys.map(({ name, type }) => `${name} ${type}`);
  return shape(one).join() === shape(other).join();
}
