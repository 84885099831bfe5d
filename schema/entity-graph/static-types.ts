import {
  assertEnumType,
  assertInputObjectType,
  assertObjectType,
  assertScalarType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLScalarType,
} from 'graphql';
import { schema } from '../schema.ts';

/** Types of the static schema that the entity graph is made with. */
export function staticScalar(name: string): GraphQLScalarType {
  return assertScalarType(schema.getType(name));
}

export function staticObject(name: string): GraphQLObjectType {
  return assertObjectType(schema.getType(name));
}

export function staticEnum(name: string): GraphQLEnumType {
  return assertEnumType(schema.getType(name));
}

export function staticInput(name: string): GraphQLInputObjectType {
  return assertInputObjectType(schema.getType(name));
}

export function isStatic(type: GraphQLNamedType): boolean {
  return schema.getType(type.name) === type;
}
