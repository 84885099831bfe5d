import { type ConstArgumentNode, type ConstDirectiveNode, type ConstValueNode, type GraphQLField, Kind } from 'graphql';
import { costOfField, slicingNumbers } from './field-cost.ts';

/** The directives by which routers reckon what a request costs, as those before Federation 2.9 need them defined. */
export const costDefinitions = `directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR

directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION

`;

export const costLink = '@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])';

/** What a field of a type costs, as it is printed; nothing where it costs what any field does. */
export function costDirectives(type: string, field: GraphQLField<unknown, unknown>): ConstDirectiveNode[] {
  const { weight, size } = costOfField(type, field);
  const directives = weight === 1 ? [] : [directive('cost', { weight: number(weight) })];
  if (size === undefined) return directives;
  const slicing = size.slicing.filter((name) => slicingNumbers.includes(name));
  const listSize = directive('listSize', {
    assumedSize: number(size.assumed),
    ...(slicing.length > 0 && { slicingArguments: list(slicing) }),
    ...(size.sizedFields.length > 0 && { sizedFields: list(size.sizedFields) }),
    requireOneSlicingArgument: { kind: Kind.BOOLEAN, value: false },
  });
  return [...directives, listSize];
}

function directive(name: string, given: Readonly<Record<string, ConstValueNode>>): ConstDirectiveNode {
  const written = Object.entries(given).map(
    ([argument, value]): ConstArgumentNode => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      value,
    }),
  );
  return { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: name }, arguments: written };
}

function number(value: number): ConstValueNode {
  return { kind: Kind.INT, value: String(value) };
}

function list(values: readonly string[]): ConstValueNode {
  return { kind: Kind.LIST, values: values.map((value) => ({ kind: Kind.STRING, value })) };
}
