import type {
  Definition,
  EntityDefinition,
  FeatureDefinition,
  FeatureViewDefinition,
} from './definitions/definition.ts';

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

export function keyFieldName(entity: EntityDefinition, joinKey: string): string {
  return entity.graphql?.keys.find((key) => key.joinKey === joinKey)?.field ?? fieldName(joinKey);
}

/** What a join key is called as a field, by each name that it was given; the derived one when it was given none. */
export function keyFieldNames(entity: EntityDefinition, joinKey: string): string[] {
  const given = entity.graphql?.keys.filter((key) => key.joinKey === joinKey).map(({ field }) => field) ?? [];
  return given.length === 0 ? [fieldName(joinKey)] : given;
}

/** The n-th set has each join key's n-th name, or its last where it has fewer. */
export function keySets(entity: EntityDefinition): string[][] {
  const names = entity.joinKeys.map(({ name }) => keyFieldNames(entity, name));
  const count = Math.max(...names.map(({ length }) => length));
  return Array.from({ length: count }, (_, at) => names.map((own) => own[at] ?? own.at(-1) ?? ''));
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

/** Two things that would have one name in one place of the graph. `paths` is where the later one is named. */
export type NameCollision = { place: string; graphName: string; first: string; second: string; path: string };

/** Collisions inside one definition: among an entity's key fields, or a view's features. */
export function collisionsWithin(definition: Definition): NameCollision[] {
  if (definition.kind === 'ENTITY') {
    const names = definition.joinKeys.map((key) => [key.name, keyFieldName(definition, key.name)] as const);
    return repeated(names, `entity ${definition.name}`, 'joinKeys');
  }
  if (definition.kind !== 'FEATURE_VIEW') return [];
  const names = definition.features.map((feature) => [feature.name, featureFieldName(feature)] as const);
  return repeated(names, `feature view ${definition.name}`, 'features');
}

function repeated(names: readonly (readonly [string, string])[], place: string, path: string): NameCollision[] {
  const taken = new Map<string, string>();
  return names.flatMap(([second, graphName], at) => {
    const first = taken.get(graphName);
    taken.set(graphName, first ?? second);
    return first === undefined ? [] : [{ place, graphName, first, second, path: `${path}[${at}]` }];
  });
}
