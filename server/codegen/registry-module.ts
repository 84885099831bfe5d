import { Failure } from '../../providers/contract/failure.ts';
import { entityGraphNames, fieldName, typeName } from '../../src/registry/naming.ts';
import { propertyName, quoted } from '../source-text.ts';
import type { ReadRegistry } from './registry-reading.ts';

type Typed = { name: string; type: string; description?: string };
type RequestValue = Typed & { optional: boolean };

const head = `// Written by \`featuregraph codegen\`: run it again when what is registered has changed.
import {
  boundEntity,
  boundService,
  boundTrainingSet,
  type Featuregraph,
  type TypedValue,
} from '@featuregraph/client';
`;

/** The module of TypeScript: types of keys and values by name, and a function that binds them to a client. */
export function registryModule({ services, entities: read, onDemandFeatureViews, trainingSets }: ReadRegistry): string {
  const entities = read.map((entity) => ({ ...entity, ...graphViews(entity, onDemandFeatureViews) }));
  for (const nouns of [services, entities, trainingSets]) refuseEqualTypeNames(nouns.map(({ name }) => name));
  const served = services.map((service) => ({ ...service, roles: rolesOf(service), request: requestOf(service) }));
  const types = [
    ...served.flatMap(({ name, description, roles, request, features }) => [
      ...documented(description),
      `export type ${typeName(name)}Keys = ${keysType(roles)};`,
      ...(request.length === 0 ? [] : [`export type ${typeName(name)}Request = ${requestType(request)};`]),
      `export type ${typeName(name)}Values = ${valuesType(features.map(typedFeature))};`,
      '',
    ]),
    ...entities.flatMap(({ name, description, joinKeys, views, onDemand }) => [
      ...documented(description),
      `export type ${typeName(name)}Key = ${valuesType(joinKeys.map((key) => ({ ...key, name: key.graphqlField })))};`,
      `export type ${typeName(name)}Views = ${viewsType([...views, ...onDemand])};`,
      ...(onDemand.length === 0 ? [] : [`export type ${typeName(name)}Requests = ${requestsType(onDemand)};`]),
      '',
    ]),
    ...trainingSets.flatMap(({ name, description, latestRun }) => [
      ...documented(description),
      `export type ${typeName(name)}Row = ${rowType(columnsOf(latestRun))};`,
      '',
    ]),
  ];
  const bound = [
    block(
      'services',
      served.map(({ name, ref, roles, request, features }) => {
        const spec = `{ keys: ${keysLiteral(roles)}, features: ${typesLiteral(features.map(typedFeature))} }`;
        const type = typeName(name);
        const types = `${type}Keys, ${type}Values${request.length === 0 ? '' : `, ${type}Request`}`;
        return `${memberName(name)}: boundService<${types}>(client, ${quoted(ref)}, ${spec})`;
      }),
    ),
    block(
      'entities',
      entities.map(({ name, graphqlType, views, onDemand }) => {
        const read = [...views, ...onDemand].map(
          (view) => `${view.graphqlField}: ${typesLiteral(graphFeatures(view))}`,
        );
        const type = typeName(name);
        const types = `${type}Key, ${type}Views${onDemand.length === 0 ? '' : `, ${type}Requests`}`;
        const { one: field } = entityGraphNames(graphqlType);
        return `${memberName(name)}: boundEntity<${types}>(client, ${quoted(field)}, { ${read.join(', ')} })`;
      }),
    ),
    block(
      'trainingSets',
      trainingSets.map(({ name, ref, latestRun }) => {
        const spec = typesLiteral(columnsOf(latestRun) ?? []);
        return `${memberName(name)}: boundTrainingSet<${typeName(name)}Row>(client, ${quoted(ref)}, ${spec})`;
      }),
    ),
  ];
  const binding = `/** What is registered, under its names. */\nexport function registry(client: Featuregraph) {\n  return {\n${bound.join('\n')}\n  };\n}\n`;
  return [head, ...types, binding].join('\n');
}

/** Names differ that are the same as types: `a_b` and `aB`. */
function refuseEqualTypeNames(names: readonly string[]): void {
  for (const [type, [one, other]] of Map.groupBy(names, typeName))
    if (other !== undefined)
      throw new Failure('UNSUPPORTED', `"${one}" and "${other}" would both be called ${type} in TypeScript.`);
}

type Service = ReadRegistry['services'][number];
type Entity = ReadRegistry['entities'][number];
type View = Entity['featureViews'][number];
type OnDemandView = ReadRegistry['onDemandFeatureViews'][number];
type Roles = ReadonlyMap<string, readonly Typed[]>;

function rolesOf({ features }: Service): Roles {
  const read = features.flatMap((one) => (one.inputs.length > 0 ? one.inputs : [one]));
  return new Map(read.flatMap(({ role, feature }) => (feature.view ? [[role, feature.view.entity.joinKeys]] : [])));
}

/** The values of a request that its on-demand features need. */
function requestOf({ features }: Service): RequestValue[] {
  const values = features.flatMap(({ feature }) => feature.onDemandView?.request ?? []);
  return [...new Map(values.map((one) => [one.name, one])).values()];
}

function typedFeature({ name, feature }: Service['features'][number]): Typed {
  return { name, type: feature.type, description: feature.description };
}

/** The graph has fields for what is served alone, and of several variants of a view for the latest. */
function servedViews(views: readonly View[]): View[] {
  return [
    ...new Map(
      views.filter(({ onlineStore }) => onlineStore !== null).map((view) => [view.graphqlField, view]),
    ).values(),
  ];
}

/** The views that are fields of an entity's type; of those on demand the ones whose inputs are all served. */
function graphViews({ name, featureViews }: Entity, all: readonly OnDemandView[]) {
  const onDemand = all.filter(
    ({ entity, inputs }) => entity?.name === name && inputs.every(({ feature }) => feature.view.onlineStore !== null),
  );
  return { views: servedViews(featureViews), onDemand };
}

function graphFeatures({ features }: Pick<View, 'features'>): Typed[] {
  return features.map((feature) => ({ ...feature, name: feature.graphqlField }));
}

function columnsOf(run: ReadRegistry['trainingSets'][number]['latestRun']): Typed[] | undefined {
  return run?.columns.flatMap(({ name, type }) => (type === null ? [] : { name, type }));
}

/** With one role its join keys stand alone. */
function keysType(roles: Roles): string {
  const [only] = roles.values();
  if (roles.size === 1 && only !== undefined) return valuesType(only);
  return `{\n${[...roles].map(([role, keys]) => `  ${propertyName(role)}: ${valuesType(keys, '  ')};`).join('\n')}\n}`;
}

function keysLiteral(roles: Roles): string {
  const [only] = roles.values();
  if (roles.size === 1 && only !== undefined) return typesLiteral(only);
  return `{ ${[...roles].map(([role, keys]) => `${propertyName(role)}: ${typesLiteral(keys)}`).join(', ')} }`;
}

function viewsType(views: readonly Pick<View, 'description' | 'graphqlField' | 'features'>[]): string {
  if (views.length === 0) return 'Record<never, never>';
  const fields = views.map((view) => [
    ...documented(view.description, '  '),
    `  ${view.graphqlField}: ${valuesType(graphFeatures(view), '  ')};`,
  ]);
  return `{\n${fields.flat().join('\n')}\n}`;
}

function valuesType(values: readonly Typed[], indent = ''): string {
  const fields = values.flatMap(({ name, type, description = '' }) => [
    ...documented(description, `${indent}  `),
    `${indent}  ${propertyName(name)}: TypedValue<${quoted(type)}>;`,
  ]);
  return `{\n${fields.join('\n')}\n${indent}}`;
}

/** What may be left out may be null too. */
function requestType(values: readonly RequestValue[], indent = ''): string {
  const fields = values.flatMap(({ name, type, optional, description = '' }) => [
    ...documented(description, `${indent}  `),
    `${indent}  ${propertyName(name)}${optional ? '?' : ''}: TypedValue<${quoted(type)}> | null;`,
  ]);
  return fields.length === 0 ? 'Record<never, never>' : `{\n${fields.join('\n')}\n${indent}}`;
}

/** In the graph they are arguments, under names of its own. */
function requestsType(views: readonly OnDemandView[]): string {
  const fields = views.map(({ graphqlField, request }) => {
    const named = request.map((value) => ({ ...value, name: fieldName(value.name) }));
    return `  ${graphqlField}: ${requestType(named, '  ')};`;
  });
  return `{\n${fields.join('\n')}\n}`;
}

function rowType(columns: readonly Typed[] | undefined): string {
  if (columns === undefined) return 'Record<string, unknown>';
  return `{\n${columns.map(({ name, type }) => `  ${propertyName(name)}: TypedValue<${quoted(type)}> | null;`).join('\n')}\n}`;
}

function typesLiteral(values: readonly Typed[]): string {
  return `{ ${values.map(({ name, type }) => `${propertyName(name)}: ${quoted(type)}`).join(', ')} }`;
}

function block(name: string, members: readonly string[]): string {
  return members.length === 0
    ? `    ${name}: {},`
    : `    ${name}: {\n${members.map((member) => `      ${member},`).join('\n')}\n    },`;
}

function documented(description: string, indent = ''): string[] {
  const words = description.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ').trim();
  return words === '' ? [] : [`${indent}/** ${words} */`];
}

function memberName(name: string): string {
  const type = typeName(name);
  return type.charAt(0).toLowerCase() + type.slice(1);
}
