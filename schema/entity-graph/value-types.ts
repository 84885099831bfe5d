import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLOutputType,
  type GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import type { ScalarName, Value, ValueType } from '../../providers/contract/value-type.ts';
import type { KeyForm } from '../../src/entity-graph/key-form.ts';
import type { GraphqlKeyType } from '../../src/registry/definitions/entity.ts';
import { staticScalar } from './static-types.ts';

const scalars: { readonly [S in ScalarName]: GraphQLScalarType } = {
  BOOL: GraphQLBoolean,
  INT32: GraphQLInt,
  INT64: staticScalar('BigInt'),
  FLOAT32: GraphQLFloat,
  FLOAT64: GraphQLFloat,
  STRING: GraphQLString,
  BYTES: staticScalar('Bytes'),
  DATE: staticScalar('Date'),
  TIMESTAMP: staticScalar('DateTime'),
};

/** Arrays may hold nulls, vectors may not. */
export function outputType(type: ValueType): GraphQLOutputType {
  if (type.kind === 'SCALAR') return scalars[type.name];
  return type.kind === 'ARRAY'
    ? new GraphQLList(scalars[type.element])
    : new GraphQLList(new GraphQLNonNull(GraphQLFloat));
}

const forms: { readonly [F in GraphqlKeyType]: GraphQLScalarType } = {
  ID: GraphQLID,
  String: GraphQLString,
  Int: GraphQLInt,
};

export function keyType(name: ScalarName, form?: KeyForm): GraphQLNonNull<GraphQLScalarType> {
  return new GraphQLNonNull(form === undefined ? scalars[name] : forms[form]);
}

/** What GraphQL's Float can't say (NaN and the infinities) is null there; `_features` has it exactly. */
export function outputValue(value: Value): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return Array.isArray(value) ? value.map(outputValue) : value;
}
