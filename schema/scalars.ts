import { GraphQLError, Kind, valueFromASTUntyped } from 'graphql';
import { type Scalar, type ScalarName, scalar } from '../providers/contract/value-type.ts';
import { valueStatuses } from '../src/serving/stored-value.ts';
import { fromJson, type Json, toJson } from '../src/values/json-value.ts';
import { formatTimestamp, parseTimestamp } from '../src/values/timestamp.ts';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description:
    'An instant in UTC to the microsecond, as "2013-01-31T05:00:00.123456Z". Inputs may have another zone; without one they are UTC.',
  serialize: (instant) => formatTimestamp(instant instanceof Date ? BigInt(instant.getTime()) * 1_000n : instant),
  parseValue: (text) => {
    const instant = typeof text === 'string' ? parseTimestamp(text) : undefined;
    if (instant === undefined) throw new GraphQLError('must be an instant like "2013-01-31T05:00:00.123456Z"');
    return instant;
  },
});

/** Scalars that are one of our types, in its JSON form both ways. */
const typed = {
  BigInt: ['INT64', 'A whole number of 64 bits, exact: a number up to 2^53, beyond it a string of digits.'],
  Date: ['DATE', 'A calendar day, as "2013-01-31".'],
  Bytes: ['BYTES', 'Bytes, as Base64.'],
} as const satisfies Record<string, readonly [ScalarName, string]>;

for (const [name, [type, description]] of Object.entries(typed) as [keyof typeof typed, [ScalarName, string]][]) {
  builder.scalarType(name, {
    description,
    serialize: (value) => toJson(scalar(type), value) as string,
    parseValue: (json) => readScalar(type, json) as never,
    // A whole number in a document may have more digits than a number holds.
    parseLiteral: (node) =>
      readScalar(type, type === 'INT64' && node.kind === Kind.INT ? node.value : valueFromASTUntyped(node)) as never,
  });
}

function readScalar(type: ScalarName, json: unknown): Scalar {
  const read = fromJson(scalar(type), json);
  if ('problem' in read) throw new GraphQLError(read.problem);
  return read.value as Scalar;
}

const forms = `A value's form follows from its type: BOOL true or false; INT32 a number; INT64 a number, beyond 2^53 a string of digits; FLOAT32 and FLOAT64 a number or one of "NaN", "Infinity", "-Infinity" and "-0"; STRING a string; BYTES Base64; DATE "2013-01-31"; TIMESTAMP "2013-01-31T05:00:00.123456Z"; arrays and vectors a list.`;

builder.scalarType('JSONValue', {
  description: `One value. ${forms}`,
  serialize: (value) => value,
  parseValue: (value) => value as Json,
});

builder.scalarType('JSONObject', {
  description: 'Values by name, as a JSON object.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new GraphQLError('must be an object');
    return value as Record<string, Json>;
  },
});

const lists = {
  KeyValues: "One join key's values, one a row; null where a row has none.",
  RowValues: "One row's values, in the order of the columns.",
  FeatureValues: "One feature's values, one a row of keys. The whole column is one leaf: that keeps answers fast.",
} as const;

for (const [name, description] of Object.entries(lists) as [keyof typeof lists, string][]) {
  builder.scalarType(name, {
    description: `${description} ${forms}`,
    serialize: (values) => values,
    parseValue: readList,
  });
}

builder.scalarType('ValueStatuses', {
  description: `The status of each value of a column, one a row, each one of ${valueStatuses.join(', ')}: stored and served; stored as null; never written; older than its view's TTL and withheld; its store failed.`,
  serialize: (statuses) => statuses,
  parseValue: outputOnly,
});

builder.scalarType('Timestamps', {
  description:
    'The event time of each value of a column, one a row: instants as in DateTime, null where there is none.',
  serialize: (timestamps) => timestamps,
  parseValue: outputOnly,
});

function readList(value: unknown): Json[] {
  if (!Array.isArray(value)) throw new GraphQLError('must be a list');
  return value as Json[];
}

function outputOnly(): never {
  throw new GraphQLError('is never an input');
}
