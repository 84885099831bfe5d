import { isDeepStrictEqual } from 'node:util';
import type { InputRef } from '@pothos/core';
import { z } from 'zod';
import { aggregateFunction } from '../src/registry/definitions/aggregation.ts';
import { graphqlKeyType } from '../src/registry/definitions/entity.ts';
import { namedInputs } from '../src/registry/definitions/named-inputs.ts';
import { tlsMode } from '../src/registry/definitions/provider-config.ts';
import { fileFormat, transformationForm } from '../src/registry/definitions/source.ts';
import { builder } from './builder.ts';
import {
  AggregateFunctionEnum,
  FileFormatEnum,
  GraphqlKeyTypeEnum,
  TlsModeEnum,
  TransformationFormEnum,
} from './enums.ts';

export const PropertyInput = builder.inputType('PropertyInput', {
  description: 'Something to note of a resource, by key.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'What to call it.' }),
    value: t.string({ required: true, description: 'What it is.' }),
  }),
});

/** Which enum of the graph each enum of a schema is. */
const enums = new Map<unknown, InputRef<unknown>>([
  [aggregateFunction.enum, AggregateFunctionEnum],
  [fileFormat.enum, FileFormatEnum],
  [graphqlKeyType.enum, GraphqlKeyTypeEnum],
  [tlsMode.enum, TlsModeEnum],
  [transformationForm.enum, TransformationFormEnum],
]);

/** What a request may write for a schema to read: null is as good as left out, and a map is the list of its entries. */
type Written<T> = T extends string | number | boolean | bigint | null | undefined
  ? T
  : T extends readonly (infer One)[]
    ? Written<One>[]
    : string extends keyof T
      ? { key: string; value: T[keyof T] }[]
      : { [K in keyof T as Exclude<K, 'kind'>]: Written<T[K]> | (undefined extends T[K] ? null : never) };

type FieldType = InputRef<unknown> | 'String' | 'Int' | 'Float' | 'Boolean' | 'DateTime';
type Field = { type: FieldType | [FieldType]; required: boolean; description: string };

const scalars: Partial<Record<z.core.$ZodTypeDef['type'], FieldType>> = {
  string: 'String',
  number: 'Float',
  boolean: 'Boolean',
  bigint: 'DateTime',
};

const made = new Map<string, { fields: Record<string, Field>; type: InputRef<unknown> }>();

/**
 * The input type of an object that is written, with a field for each of its own. It follows from the schema as the
 * program runs, where the compiler can't see it: what it lets through is what `Written` says of the same schema.
 */
export function inputTypeOf<S extends z.ZodObject>(schema: S): InputRef<Written<z.input<S>>> {
  return objectType(schema) as InputRef<Written<z.input<S>>>;
}

/** An object that stands in several places is one type, known by its name. */
function objectType(schema: z.core.$ZodObject): InputRef<unknown> {
  const { shape } = schema._zod.def;
  const { name, description, oneOf } = namedInputs.get(schema) ?? {};
  if (name === undefined) throw new TypeError(`the object of ${Object.keys(shape)} has no name in the graph`);
  const written = Object.entries(shape).filter(([, field]) => isWritten(field));
  const fields = Object.fromEntries(written.map(([field, schema]) => [field, fieldOf(`${name}.${field}`, schema)]));
  const known = made.get(name);
  if (known !== undefined && isDeepStrictEqual(known.fields, fields)) return known.type;
  if (known !== undefined) throw new TypeError(`two objects with other fields are both ${name} in the graph`);
  const type = builder.inputType(name, {
    description,
    isOneOf: oneOf,
    fields: (t) => Object.fromEntries(Object.entries(fields).map(([field, options]) => [field, t.field(options)])),
  });
  made.set(name, { fields, type });
  return type;
}

function fieldOf(place: string, schema: z.core.$ZodType): Field {
  const description = descriptionOf(schema);
  if (description === undefined) throw new TypeError(`${place} does not say what it is`);
  return { type: fieldType(schema), required: schema._zod.optin === undefined, description };
}

/** The kind of a definition is said by which input it is. */
function isWritten(field: z.core.$ZodType): boolean {
  return !(field instanceof z.ZodLiteral) && z.globalRegistry.get(field)?.readOnly !== true;
}

/** What a schema reads, where it only allows or makes more of that; of alternatives the first, which is the graph's. */
function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return schema._zod.def.innerType;
  if (schema instanceof z.ZodPipe) return schema._zod.def.in;
  return schema instanceof z.ZodUnion ? schema._zod.def.options[0] : undefined;
}

function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const inner = innerOf(schema);
  return z.globalRegistry.get(schema)?.description ?? (inner && descriptionOf(inner));
}

function fieldType(schema: z.core.$ZodType): FieldType | [FieldType] {
  const inner = innerOf(schema);
  if (inner !== undefined) return fieldType(inner);
  if (schema instanceof z.ZodArray) return [itemType(schema._zod.def.element)];
  return schema instanceof z.ZodRecord ? [PropertyInput] : itemType(schema);
}

function itemType(schema: z.core.$ZodType): FieldType {
  const inner = innerOf(schema);
  if (inner !== undefined) return itemType(inner);
  if (schema instanceof z.ZodObject) return objectType(schema);
  if (schema instanceof z.ZodNumberFormat) return 'Int';
  const type = schema instanceof z.ZodEnum ? enums.get(schema.enum) : scalars[schema._zod.def.type];
  if (type === undefined) throw new TypeError(`no type of the graph is known for ${schema._zod.def.type}`);
  return type;
}
