import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
  visit,
} from 'graphql';
import { costDefinitions, costDirectives, costLink } from '../cost/cost-directives.ts';
import { type AppliedDirective, inaccessible, interfaceObject } from './directives.ts';
import { isStatic } from './static-types.ts';

const known = new WeakMap<GraphQLSchema, string>();

/** Directives of federation that are imported, the last two where they are used: few teams need them. */
const always = ['key', 'shareable', 'tag'];
const onDemand = [inaccessible.name, interfaceObject.name];

function link(used: ReadonlySet<string>): string {
  const imports = [...always, ...onDemand.filter((name) => used.has(name))].map((name) => `"@${name}"`);
  const cost = usesCost(used) ? `\n  ${costLink}` : '';
  return `extend schema\n  @link(url: "https://specs.apollo.dev/federation/v2.3", import: [${imports.join(', ')}])${cost}\n\n`;
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
 * by itself. Printed when it is first asked for: most schemas are swapped out before anyone does.
 */
export function printSubgraph(schema: GraphQLSchema): string {
  const earlier = known.get(schema);
  if (earlier !== undefined) return earlier;
  const kept = parse(printSchema(schema)).definitions.flatMap((definition) => subgraphDefinition(definition, schema));
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: kept };
  const used = usedDirectives(document);
  const definitions = `${kept.some(isOneOf) ? oneOfDefinition : ''}${usesCost(used) ? costDefinitions : ''}`;
  const head = `${link(used)}${definitions}`;
  const printed = `${head}${print(document)}\n`;
  known.set(schema, printed);
  return printed;
}

function usedDirectives(document: DocumentNode): Set<string> {
  const used = new Set<string>();
  visit(document, { Directive: ({ name }) => void used.add(name.value) });
  return used;
}

function isOneOf(node: DefinitionNode): boolean {
  return (
    node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && !!node.directives?.some(({ name }) => name.value === 'oneOf')
  );
}

function subgraphDefinition(node: DefinitionNode, schema: GraphQLSchema): DefinitionNode[] {
  if ('name' in node && ofFederation.test(node.name?.value ?? '')) return [];
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) return [node];
  const fields = node.fields?.filter(({ name }) => !ofFederation.test(name.value)) ?? [];
  const type = schema.getType(node.name.value);
  return isObjectType(type) && fields.length > 0 ? [applied({ ...node, fields }, type)] : [];
}

function applied(node: ObjectTypeDefinitionNode, type: GraphQLObjectType): ObjectTypeDefinitionNode {
  const own = type.getFields();
  const fields = node.fields?.map((field): FieldDefinitionNode => {
    const defined = own[field.name.value];
    const directives = (defined?.extensions.directives ?? []).map(directiveNode);
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
      value: { kind: Kind.STRING, value },
    })),
  };
}
