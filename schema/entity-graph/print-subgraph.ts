import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printType,
  visit,
} from 'graphql';
import type { FederationVersion } from '../../src/config/federation.ts';
import { doneInTurns, type Interruptible } from '../../src/turns.ts';
import { costDefinitions, costDirectives, costLink } from '../cost/cost-directives.ts';
import { type AppliedDirective, inaccessible, interfaceObject, sensitive } from './directives.ts';
import { isStatic } from './static-types.ts';

/** For which version of federation, and which tags are sensitive, of whose values 2.3 has nothing to say. */
export type SubgraphForm = { version: FederationVersion; sensitiveTags: readonly string[] };

const known = new WeakMap<GraphQLSchema, Map<string, Promise<string>>>();

/** Directives of federation that are imported, the others where they are used: few teams need them. */
const always = ['key', 'shareable', 'tag'];
const onDemand = [inaccessible.name, interfaceObject.name, 'authenticated', 'requiresScopes'];

function link(used: ReadonlySet<string>, version: FederationVersion): string {
  const imports = [...always, ...onDemand.filter((name) => used.has(name))].map((name) => `"@${name}"`);
  const cost = usesCost(used) ? `\n  ${costLink}` : '';
  return `extend schema\n  @link(url: "https://specs.apollo.dev/federation/v${version}", import: [${imports.join(', ')}])${cost}\n\n`;
}

function usesCost(used: ReadonlySet<string>): boolean {
  return used.has('cost') || used.has('listSize');
}

/** Composers that don't know this directive of GraphQL's yet refuse it undefined; to the others this says nothing new. */
const oneOfDefinition = 'directive @oneOf on INPUT_OBJECT\n\n';

/** Types and fields that federation itself adds to a subgraph. */
const ofFederation = /^_(?:Any|Entity|Service|entities|service)$/;

/**
 * A schema as a composer takes it: with the directives that its types and fields carry, and without what federation adds
 * by itself. Printed when it is first asked for, as most schemas are swapped out before anyone does, and in turns.
 */
export function printSubgraph(schema: GraphQLSchema, form: SubgraphForm): Promise<string> {
  const printed = known.get(schema) ?? new Map<string, Promise<string>>();
  known.set(schema, printed);
  const name = JSON.stringify(form);
  const sdl = printed.get(name) ?? doneInTurns(printing(schema, form));
  printed.set(name, sdl);
  return sdl;
}

/** Type by type: the text of a large schema, and its tree, take long to make. */
function* printing(schema: GraphQLSchema, { version, sensitiveTags }: SubgraphForm): Interruptible<string> {
  const marked = new Set(version === '2.3' ? [] : sensitiveTags);
  const used = new Set<string>();
  const texts: string[] = [];
  for (const type of Object.values(schema.getTypeMap()).filter(isOwn)) {
    yield;
    const definition = subgraphDefinition(type, marked);
    if (definition === undefined) continue;
    visit(definition, { Directive: ({ name }) => void used.add(name.value) });
    yield;
    texts.push(print(definition));
  }
  const definitions = `${used.has('oneOf') ? oneOfDefinition : ''}${usesCost(used) ? costDefinitions : ''}`;
  return `${link(used, version)}${definitions}${texts.join('\n\n')}\n`;
}

/** Neither GraphQL's nor what federation adds. */
function isOwn(type: GraphQLNamedType): boolean {
  return !isSpecifiedScalarType(type) && !isIntrospectionType(type) && !ofFederation.test(type.name);
}

function subgraphDefinition(type: GraphQLNamedType, marked: ReadonlySet<string>): DefinitionNode | undefined {
  const [node] = parse(printType(type), { noLocation: true }).definitions;
  if (node?.kind !== Kind.OBJECT_TYPE_DEFINITION || !isObjectType(type)) return node;
  const fields = node.fields?.filter(({ name }) => !ofFederation.test(name.value)) ?? [];
  return fields.length > 0 ? applied({ ...node, fields }, type, marked) : undefined;
}

function applied(
  node: ObjectTypeDefinitionNode,
  type: GraphQLObjectType,
  marked: ReadonlySet<string>,
): ObjectTypeDefinitionNode {
  const byName = type.getFields();
  const fields = node.fields?.map((field): FieldDefinitionNode => {
    const defined = byName[field.name.value];
    const { directives: own = [], valueTags = [] } = defined?.extensions ?? {};
    const asked = sensitive(valueTags.filter((tag) => marked.has(tag)));
    const directives = [...own, ...asked].map(directiveNode);
    const cost = defined === undefined ? [] : costDirectives(type.name, defined);
    return { ...field, directives: [...(field.directives ?? []), ...directives, ...cost] };
  });
  return { ...node, ...(fields && { fields }), directives: directivesOf(type).map(directiveNode) };
}

/** Several deployments may have the same types of ours, and be composed together. */
function directivesOf(type: GraphQLObjectType): readonly AppliedDirective[] {
  const isRoot = /^(?:Query|Mutation|Subscription)$/.test(type.name);
  const own = type.extensions.directives ?? [];
  return isStatic(type) && !isRoot ? [...own, { name: 'shareable', args: {} }] : own;
}

function directiveNode({ name, args }: AppliedDirective): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(args).map(([argument, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value: valueNode(value),
    })),
  };
}

type ArgumentValue = string | readonly ArgumentValue[];

function valueNode(value: ArgumentValue): ConstValueNode {
  if (typeof value === 'string') return { kind: Kind.STRING, value };
  return { kind: Kind.LIST, values: value.map(valueNode) };
}
