import type { EntityDefinition, FeatureDefinition, FeatureViewDefinition } from './definitions/definition.ts';

/** `conv_rate` → `convRate`: how a registered name is spelled as a field of the graph. */
export function fieldName(name: string): string {
  const [first = '', ...rest] = name.split('_').filter((word) => word !== '');
  const start = /^[A-Z\d]+$/.test(first) ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1);
  return start + rest.map(capitalised).join('');
}

/** `driver_trip` → `DriverTrip`: how a registered name is spelled as a type of the graph. */
export function typeName(name: string): string {
  return name
    .split('_')
    .filter((word) => word !== '')
    .map(capitalised)
    .join('');
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function entityTypeName(entity: Pick<EntityDefinition, 'name' | 'graphql'>): string {
  return entity.graphql?.type ?? typeName(entity.name);
}

type KeyName = Pick<NonNullable<EntityDefinition['graphql']>['keys'][number], 'field' | 'type'>;

/**
 * The fields of an entity's type that hold a join key, each another name for it: one that another team's type is keyed
 * by may be among them. At least one.
 */
export function keyNames(entity: Pick<EntityDefinition, 'graphql'>, joinKey: string): KeyName[] {
  const named = (entity.graphql?.keys ?? []).filter((key) => key.joinKey === joinKey);
  return named.length > 0 ? named : [{ field: fieldName(joinKey) }];
}

export function keyFieldNames(entity: Pick<EntityDefinition, 'graphql'>, joinKey: string): string[] {
  return keyNames(entity, joinKey).map(({ field }) => field);
}

/** The first of a join key's fields: what an argument that takes it is called. */
export function keyFieldName(entity: Pick<EntityDefinition, 'graphql'>, joinKey: string): string {
  return keyFieldNames(entity, joinKey)[0] ?? fieldName(joinKey);
}

/**
 * The lists of fields that each tell one of an entity from all others. The n-th takes every join key by its n-th name,
 * or by its last where it has fewer, in the order of the join keys. At least one, and no two alike.
 */
export function keySets(entity: Pick<EntityDefinition, 'graphql' | 'joinKeys'>): string[][] {
  const names = entity.joinKeys.map((key) => keyFieldNames(entity, key.name));
  const count = Math.max(...names.map((fields) => fields.length));
  const sets = Array.from({ length: count }, (_, at) => names.map((fields) => fields[at] ?? fields.at(-1) ?? ''));
  return [...new Map(sets.map((set) => [set.join(' '), set])).values()];
}

export function viewFieldName(view: Pick<FeatureViewDefinition, 'name' | 'graphqlName'>): string {
  return view.graphqlName ?? fieldName(view.name);
}

export function featureFieldName(feature: Pick<FeatureDefinition, 'name' | 'graphqlName'>): string {
  return feature.graphqlName ?? fieldName(feature.name);
}

/** What an entity adds to the graph besides its own type: `Driver` → `driver`, `driverList`, `DriverKey` and so on. */
export function entityGraphNames(type: string) {
  const one = type.charAt(0).toLowerCase() + type.slice(1);
  return {
    /** The root field of one, by its key; also what a neighbour calls the entity that it is. */
    one,
    /** The root field of many, by a list of keys. */
    many: `${one}List`,
    /** The subscription to changes of its values. */
    changed: `${one}Changed`,
    keyInput: `${type}Key`,
    neighbor: `${type}Neighbor`,
  };
}

/** `Driver` and `stats` → `DriverStats`: what a view's object is called as a type. */
export function viewTypeName(entityType: string, viewField: string): string {
  return entityType + capitalised(viewField);
}

/** The enum of a view's embeddings, for a view that has any. */
export function embeddingEnumName(viewType: string): string {
  return `${viewType}Embedding`;
}
