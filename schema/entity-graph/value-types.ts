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
import { toJson } from '../../src/values/json-value.ts';
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

/** Arrays may hold nulls, vectors may not. The keys of a map are data, which no query could select: it is one leaf. */
export function outputType(type: ValueType): GraphQLOutputType {
  if (type.kind === 'SCALAR') return scalars[type.name];
  if (type.kind === 'MAP') return staticScalar('JSONObject');
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

/**
 * What GraphQL's Float can't say (NaN and the infinities) is null there; `_features` has it exactly. A map is in JSON already,
 * and so exact as it is.
 */
export function outputValue(type: ValueType, value: Value): unknown {
  return type.kind === 'MAP' ? toJson(type, value) : finite(value);
}

function finite(value: Value): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return Array.isArray(value) ? value.map(finite) : value;
}
