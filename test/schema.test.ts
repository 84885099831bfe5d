import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { nodeTypes } from '../schema/builder.ts';
import { schema } from '../schema/schema.ts';

type Described = { path: string; description: string | null | undefined };

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** A type and everything in it that a reader of the playground can point at. */
function partsOf(type: GraphQLNamedType): Described[] {
  const parts: Described[] = [{ path: type.name, description: type.description }];
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      parts.push({ path: `${type.name}.${field.name}`, description: field.description });
      for (const argument of field.args) {
        parts.push({ path: `${type.name}.${field.name}(${argument.name})`, description: argument.description });
      }
    }
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields()))
      parts.push({ path: `${type.name}.${field.name}`, description: field.description });
  }
  if (isEnumType(type)) {
    for (const value of type.getValues())
      parts.push({ path: `${type.name}.${value.name}`, description: value.description });
  }
  return parts;
}

describe('the schema', () => {
  test('describes every type, field, argument, input field and enum value in a sentence', () => {
    const undescribed = types
      .flatMap(partsOf)
      .filter(({ description }) => !/[.:)]$/.test(description?.trim() ?? ''))
      .map(({ path }) => path);
    assert.deepEqual(undescribed, []);
  });

  test('is printed as it is', async () => {
    const printed = await readFile(new URL('../schema/schema.graphql', import.meta.url), 'utf8');
    assert.equal(printed, `${printSchema(lexicographicSortSchema(schema))}\n`);
  });

  test('takes the ids of everything that is a node, and of nothing else', () => {
    const nodes = types.filter(
      (type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'),
    );
    assert.deepEqual(nodeTypes.toSorted(), nodes.map(({ name }) => name).toSorted());
  });

  test('makes a choice between inputs exactly one of them', () => {
    const choices = [
      'DefinitionInput',
      'ProviderConfig',
      'FeatureSelector',
      'SpineInput',
      'NearestTarget',
      'VectorFilter',
    ];
    for (const name of choices) {
      const type = schema.getType(name);
      assert.ok(isInputObjectType(type) && type.isOneOf, name);
    }
  });
});
