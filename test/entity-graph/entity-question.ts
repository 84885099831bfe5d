import type { JsonValue } from '@featuregraph/client';
import type { Catalog, ResourceOf } from '../../src/registry/catalog.ts';
import { entityTypeName, featureFieldName, keyFieldNames, viewFieldName } from '../../src/registry/naming.ts';

export type Row = Record<string, JsonValue>;
type View = ResourceOf<'FEATURE_VIEW'>;

/** What to ask of one entity, by aliases that no other has, and the answer for each key. */
export class EntityQuestion {
  readonly type: string;
  readonly entity: ResourceOf<'ENTITY'>;
  readonly selection: string;
  readonly refused = new Set<string>();
  readonly #alias: string;
  readonly #views: View[][];
  readonly #rows: ReadonlyMap<string, readonly Row[]>;

  constructor(catalog: Catalog, name: string, alias: string, rows: ReadonlyMap<string, readonly Row[]>) {
    const entity = catalog.find('ENTITY', name);
    if (entity === undefined) throw new RangeError(`${name} is not registered`);
    this.entity = entity;
    this.type = entityTypeName(entity.definition);
    this.#alias = alias;
    this.#rows = rows;
    const refs = catalog
      .ofKind('ENTITY')
      .filter((one) => one.name === name && keysOf(one) === keysOf(entity))
      .map(({ ref }) => ref);
    const views = catalog.ofKind('FEATURE_VIEW').filter(({ definition }) => refs.includes(definition.entity));
    this.#views = [...Map.groupBy(views, (view) => view.name).values()];
    const keys = this.#keyFields().map(([field]) => `${alias}_${field}: ${field}`);
    const asked = this.#views.flatMap((variants, at) =>
      variants.map((view) => this.#viewSelection(variants, view, at)),
    );
    this.selection = `__typename ${[...keys, ...asked].join(' ')}`;
  }

  answer(key: Row): Record<string, unknown> {
    const keys = this.#keyFields().map(([field, joinKey]) => [`${this.#alias}_${field}`, key[joinKey]]);
    const views = this.#views.flatMap((variants, at) =>
      variants.map((view) => [this.#viewAlias(view, at), this.#viewAnswer(variants, view, key)]),
    );
    return { __typename: this.type, ...Object.fromEntries([...keys, ...views]) };
  }

  #keyFields(): (readonly [field: string, joinKey: string])[] {
    const { definition } = this.entity;
    return definition.joinKeys.flatMap(({ name }) =>
      keyFieldNames(definition, name).map((field) => [field, name] as const),
    );
  }

  #viewAlias(view: View, at: number): string {
    return `${this.#alias}_${at}_${view.variant}`;
  }

  #viewSelection(variants: readonly View[], view: View, at: number): string {
    const alias = this.#viewAlias(view, at);
    const fields = [...fieldTypes(variants).keys()].map((field) => `${alias}_${field}: ${field}`);
    const argument = view === variants.at(-1) ? '' : `(variant: "${view.variant}")`;
    const row = '_status _eventTimestamp _features { name value status }';
    return `${alias}: ${viewFieldName((variants.at(-1) ?? view).definition)}${argument} { ${row} ${fields.join(' ')} }`;
  }

  #viewAnswer(variants: readonly View[], view: View, key: Row): Record<string, unknown> {
    const alias = this.#viewAlias(view, this.#views.indexOf(variants as View[]));
    const names = this.entity.definition.joinKeys.map(({ name }) => name);
    const row = this.#rows.get(view.ref)?.find((one) => names.every((name) => one[name] === key[name]));
    const { features } = view.definition;
    const types = fieldTypes(variants);
    const fields = [...types].map(([field, type]) => {
      const feature = features.find((one) => featureFieldName(one) === field);
      const isRefused = feature !== undefined && fieldType(feature.type) !== fieldType(type);
      if (isRefused) this.refused.add(`${alias}_${field}`);
      const value = feature === undefined || isRefused ? null : (row?.[feature.name] ?? null);
      return [`${alias}_${field}`, graphqlForm(value, type)];
    });
    return {
      _status: row === undefined ? 'NOT_FOUND' : 'PRESENT',
      _eventTimestamp: row?.['row time'] ?? null,
      _features: features.map(({ name }) => {
        const value = row?.[name] ?? null;
        const status = row === undefined ? 'NOT_FOUND' : value === null ? 'NULL_VALUE' : 'PRESENT';
        return { name, value, status };
      }),
      ...Object.fromEntries(fields),
    };
  }
}

function keysOf({ definition }: ResourceOf<'ENTITY'>): string {
  return JSON.stringify(definition.joinKeys.map(({ name, type }) => [name, type]));
}

/** All fields of a view's variants, each with the type that the latest variant gives it that has it. */
function fieldTypes(variants: readonly View[]): Map<string, string> {
  const features = variants.flatMap(({ definition }) => definition.features);
  return new Map(features.map((feature) => [featureFieldName(feature), feature.type]));
}

function fieldType(type: string): string {
  return type.replace(/^VECTOR.*/, '[Float!]').replace(/^FLOAT(32|64)/, 'Float');
}

/** What a typed field gives for a value in JSON: GraphQL's Float has no NaN, no infinities and, in JSON, no −0. */
function graphqlForm(json: JsonValue, type: string): JsonValue {
  if (Array.isArray(json)) return json.map((one) => graphqlForm(one, type));
  if (!/^(?:FLOAT|VECTOR)/.test(type) || typeof json !== 'string') return json;
  return json === '-0' ? 0 : null;
}
