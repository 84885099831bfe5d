import type { Catalog, Resource, ResourceOf } from './catalog.ts';
import type { EntityDefinition } from './definitions/definition.ts';
import {
  embeddingEnumName,
  entityGraphNames,
  entityTypeName,
  fieldName,
  viewFieldName,
  viewTypeName,
} from './naming.ts';
import { entityOfInputs } from './on-demand/on-demand-entity.ts';
import { kindInWords } from './reference.ts';

type Entity = ResourceOf<'ENTITY'>;
/** Either kind of view: both are fields of their entity's type. */
export type View = ResourceOf<'FEATURE_VIEW'> | ResourceOf<'ON_DEMAND_FEATURE_VIEW'>;

/** Names that the graph's static schema has for itself. */
export type ReservedNames = {
  types: ReadonlySet<string>;
  /** The fields of Query and of Subscription. */
  rootFields: ReadonlySet<string>;
};

/** What a name must be alone in: the types, the fields of a root type, of an entity's type or of its neighbours'. */
export type NamePlace = 'TYPE' | 'QUERY' | 'SUBSCRIPTION' | `FIELD ${string}` | `NEIGHBOR ${string}`;

/** A name that a registered entity or view has in the graph. */
export type GraphName = {
  place: NamePlace;
  name: string;
  /** Tells apart what has the name. Variants of one resource share theirs. */
  bearer: string;
  /** The bearer as a message calls it. */
  words: string;
  entity: string;
  /** The entity's type, or the variant, with which the name comes and goes; it has one of each at a time. */
  when?: string;
  /** The resource that brought the name into the graph, and where in its definition another could be given. */
  by: Resource;
  path: string;
};

/** All variants of an entity, and all views of any of them, each by registration. */
export type EntityGroup = { variants: Entity[]; views: View[] };

/** By the entity's name. */
export function entityGroups(catalog: Catalog): Map<string, EntityGroup> {
  const groups = new Map<string, EntityGroup>();
  for (const entity of catalog.ofKind('ENTITY')) {
    const group = groups.get(entity.name);
    if (group === undefined) groups.set(entity.name, { variants: [entity], views: [] });
    else group.variants.push(entity);
  }
  for (const view of catalog.ofKind('FEATURE_VIEW')) {
    const entity = catalog.find('ENTITY', view.definition.entity);
    groups.get(entity?.name ?? '')?.views.push(view);
  }
  for (const view of catalog.ofKind('ON_DEMAND_FEATURE_VIEW')) {
    groups.get(entityOfInputs(catalog, view)?.name ?? '')?.views.push(view);
  }
  return groups;
}

/**
 * Everything that an entity and its views put into the graph. The latest variant decides what an entity's type is
 * called; names that earlier ones give are kept for it, since one of these decides again when the latest is deleted.
 */
export function namesOfGroup(group: EntityGroup): GraphName[] {
  return [
    ...distinctTypes(group).flatMap((entity) => namesOfEntity(entity, entityTypeName(entity.definition))),
    ...group.variants.flatMap((entity) => keyFields(entity.definition).map((key) => nameOfKey(entity, key))),
    ...distinctViews(group).flatMap((view) => namesOfView(group, view, viewFieldName(view.definition))),
  ];
}

/** What an entity would have in the graph under a type, its views included. */
export function namesUnderType(group: EntityGroup, entity: Entity, type: string): GraphName[] {
  const ofView = (view: View) => namesOfViewType(entity, type, view, viewFieldName(view.definition));
  return [...namesOfEntity(entity, type), ...distinctViews(group).flatMap(ofView)];
}

/** What a view would have in the graph as a field of its entity. */
export function namesOfView(group: EntityGroup, view: View, field: string): GraphName[] {
  const [{ name: entity } = { name: '' }] = group.variants;
  const words = `${kindInWords(view.kind)} ${view.ref}`;
  const bearer = `view ${view.name}`;
  return [
    { place: `FIELD ${entity}`, name: field, bearer, words, entity, by: view, path: 'graphqlName' },
    ...distinctTypes(group).flatMap((one) => namesOfViewType(one, entityTypeName(one.definition), view, field)),
  ];
}

export function nameOfKey(entity: Entity, { joinKey, field, path }: KeyField): GraphName {
  return {
    place: `FIELD ${entity.name}`,
    name: field,
    bearer: `key ${path} of ${entity.ref}`,
    words: `join key ${joinKey} of entity ${entity.ref}`,
    entity: entity.name,
    when: entity.ref,
    by: entity,
    path,
  };
}

/** A field that holds a join key, and where in the definition that is said. */
export type KeyField = { joinKey: string; field: string; path: string };

export function keyFields({ graphql, joinKeys }: EntityDefinition): KeyField[] {
  const given = (graphql?.keys ?? []).map((key, at) => ({ ...key, path: `graphql.keys[${at}].field` }));
  const derived = joinKeys.map(({ name }, at) => ({ joinKey: name, field: fieldName(name), path: `joinKeys[${at}]` }));
  const unnamed = derived.filter(({ joinKey }) => !given.some((key) => key.joinKey === joinKey));
  return [...given, ...firstOfEach(unnamed, ({ joinKey }) => joinKey)];
}

export function hasEmbedding(view: { features: readonly { type?: string | undefined }[] }): boolean {
  return view.features.some(({ type = '' }) => type.startsWith('VECTOR'));
}

function namesOfEntity(entity: Entity, type: string): GraphName[] {
  const { one, many, changed, keyInput, neighbor } = entityGraphNames(type);
  const self = `entity ${entity.ref}`;
  const named = (place: NamePlace, name: string, part: string, words: string): GraphName => {
    const bearer = `${part} ${entity.name}`;
    return { place, name, bearer, words, entity: entity.name, when: type, by: entity, path: 'graphql.type' };
  };
  return [
    named('TYPE', type, 'type', self),
    named('TYPE', keyInput, 'key input', `the key input of ${self}`),
    named('TYPE', neighbor, 'neighbor', `the neighbor of ${self}`),
    named('QUERY', one, 'one', self),
    named('QUERY', many, 'many', `the list of ${self}`),
    named('SUBSCRIPTION', changed, 'changed', `the changes of ${self}`),
    named(`NEIGHBOR ${entity.name}`, 'score', 'score', 'the score of a neighbor'),
    named(`NEIGHBOR ${entity.name}`, one, 'neighbor itself', self),
  ];
}

/** The later of entity and view brings these names, and is the one that can still be called otherwise. */
function namesOfViewType(entity: Entity, type: string, view: View, field: string): GraphName[] {
  const viewType = viewTypeName(type, field);
  const words = `${kindInWords(view.kind)} ${view.ref} of entity ${entity.ref}`;
  const origin =
    entity.sequence > view.sequence ? { by: entity, path: 'graphql.type' } : { by: view, path: 'graphqlName' };
  const named = (name: string, part: string, inWords: string): GraphName => {
    const bearer = `${part} ${view.name} of ${entity.name}`;
    return { place: 'TYPE', name, bearer, words: inWords, entity: entity.name, when: type, ...origin };
  };
  const names = [named(viewType, 'view', words)];
  if (hasEmbedding(view.definition)) {
    names.push(named(embeddingEnumName(viewType), 'embeddings', `the enum of embeddings of ${words}`));
  }
  return names;
}

function distinctTypes({ variants }: EntityGroup): Entity[] {
  return firstOfEach(variants, (entity) => entityTypeName(entity.definition));
}

function distinctViews({ views }: EntityGroup): View[] {
  return firstOfEach(
    views,
    ({ name, definition }) => `${name} ${viewFieldName(definition)} ${hasEmbedding(definition)}`,
  );
}

function firstOfEach<T>(all: readonly T[], key: (one: T) => string): T[] {
  const found = new Map<string, T>();
  for (const one of all) if (!found.has(key(one))) found.set(key(one), one);
  return [...found.values()];
}
