import {
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { schema } from '../../schema/schema.ts';

/** The least that an input type takes, as it is written in a document. */
function least(type: GraphQLInputType): string {
  if (isNonNullType(type)) return least(type.ofType);
  if (isListType(type)) return `[${least(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (isInputObjectType(type)) {
    const all = Object.values(type.getFields());
    const fields = type.isOneOf ? all.slice(0, 1) : all.filter(({ type: own }) => isNonNullType(own));
    return `{ ${fields.map((field) => `${field.name}: ${least(field.type)}`).join(', ')} }`;
  }
  const values: Record<string, string> = { Int: '1', Float: '1', Boolean: 'false', JSONObject: '{ a: 1 }' };
  const lists = ['KeyValues', 'RowValues'];
  return lists.includes(type.name) ? '[1]' : (values[type.name] ?? '"nobody"');
}

type Root = { operation: 'query' | 'mutation' | 'subscription'; name: string; document: string };

function rootsOf(operation: Root['operation'], type = schema.getQueryType()): Root[] {
  return Object.values(type?.getFields() ?? {}).map((field) => {
    const given = field.args.filter(isRequiredArgument).map(({ name, type: own }) => `${name}: ${least(own)}`);
    const args = given.length === 0 ? '' : `(${given.join(', ')})`;
    const named = getNamedType(field.type);
    const selection = isObjectType(named) || isInterfaceType(named) ? ' { __typename }' : '';
    const name = `${type?.name}.${field.name}`;
    return { operation, name, document: `${operation} { ${field.name}${args}${selection} }` };
  });
}

export const roots = [
  ...rootsOf('query'),
  ...rootsOf('mutation', schema.getMutationType()),
  ...rootsOf('subscription', schema.getSubscriptionType()),
];

/** Everything that can be selected of a type without an argument, that many levels deep. */
export function everything(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named) && !isInterfaceType(named)) return '';
  const isShown = (own: GraphQLOutputType) => {
    const inner = getNamedType(own);
    return depth > 1 || !(isObjectType(inner) || isInterfaceType(inner));
  };
  const fields = Object.values(named.getFields()).filter(
    (field) => !field.args.some(isRequiredArgument) && isShown(field.type),
  );
  return `{ __typename ${fields.map((field) => `${field.name} ${everything(field.type, depth - 1)}`).join(' ')} }`;
}
