import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lexicographicSortSchema, printType } from 'graphql';
import { z } from 'zod';
import { builder } from '../schema/builder.ts';
import { inputTypeOf } from '../schema/input-types.ts';
import '../schema/schema.ts';
import { duration, instant, mark } from '../src/registry/definitions/fields.ts';
import { input, oneOfInput } from '../src/registry/definitions/named-inputs.ts';
import { tlsMode } from '../src/registry/definitions/provider-config.ts';

const text = z.string().describe('A text.');
const part = input('TriedPart', 'A part.', { text });

/** The type as it would stand in the printed schema. */
function printed(schema: z.ZodObject): string {
  const { name } = inputTypeOf(schema) as { name?: string };
  const type = lexicographicSortSchema(builder.toSchema()).getType(name ?? '');
  assert.ok(type);
  return printType(type);
}

describe('input types of what is registered', () => {
  test('have a field for each that is written, of its type and words, required where it may not be left out', () => {
    const tried = input('Tried', 'All that there is.', {
      kind: z.literal('TRIED'),
      decided: z.string().optional().meta({ readOnly: true }),
      text,
      ofAlternatives: text.or(z.literal('')).nullable().optional(),
      checked: duration.refine((said) => said !== '').describe('How long.'),
      defaulted: z.boolean().default(false).describe('Whether.'),
      marked: mark.describe('Whether or not.'),
      whole: z.int().min(1).max(3).optional().describe('How many.'),
      share: z.number().default(0).describe('How much.'),
      when: instant.describe('When.'),
      choice: tlsMode.optional().describe('Which.'),
      notes: z.record(z.string(), z.string()).default({}).describe('Notes.'),
      texts: z.array(text).default([]).transform(String).describe('Texts.'),
      part: part.refine(() => true).describe('The part.'),
      parts: z.array(part.transform(String)).optional().describe('The parts.'),
    });
    const fields = {
      checked: ['How long.', 'String!'],
      choice: ['Which.', 'TlsMode'],
      defaulted: ['Whether.', 'Boolean'],
      marked: ['Whether or not.', 'Boolean'],
      notes: ['Notes.', '[PropertyInput!]'],
      ofAlternatives: ['A text.', 'String'],
      part: ['The part.', 'TriedPart!'],
      parts: ['The parts.', '[TriedPart!]'],
      share: ['How much.', 'Float'],
      text: ['A text.', 'String!'],
      texts: ['Texts.', '[String!]'],
      when: ['When.', 'DateTime!'],
      whole: ['How many.', 'Int'],
    };
    const lines = Object.entries(fields).map(([name, [words, type]]) => `  """${words}"""\n  ${name}: ${type}`);
    assert.equal(printed(tried), `"""All that there is."""\ninput Tried {\n${lines.join('\n\n')}\n}`);
  });

  test('are @oneOf where exactly one field is written, which the schema holds to as well', () => {
    const one = oneOfInput('TriedOne', 'One of these.', 'must be one', { a: text.optional(), b: text.optional() });
    assert.match(printed(one), /^"""One of these\."""\ninput TriedOne @oneOf \{/);
    assert.equal(one.safeParse({ a: 'a' }).success, true);
    assert.deepEqual(
      one.safeParse({ a: 'a', b: 'b' }).error?.issues.map(({ message }) => message),
      ['must be one'],
    );
    assert.deepEqual(
      one.safeParse({}).error?.issues.map(({ message }) => message),
      ['must be one'],
    );
  });

  test('are refused at the start of the program where one could not be written, or not be told from another', () => {
    const refused: [z.ZodObject, RegExp][] = [
      [z.object({ text }), /the object of text has no name in the graph/],
      [input('TriedInner', 'It.', { inner: z.object({ text }).describe('It.') }), /the object of text has no name/],
      [input('TriedSilent', 'It.', { silent: z.string().optional() }), /TriedSilent\.silent does not say what it is/],
      [input('TriedDate', 'It.', { day: z.date().describe('A day.') }), /no type of the graph is known for date/],
      [input('TriedEnum', 'It.', { one: z.enum(['A', 'B']).describe('It.') }), /no type .* is known for enum/],
      [input('TriedPart', 'Another.', { other: text }), /two objects with other fields are both TriedPart/],
    ];
    inputTypeOf(part);
    for (const [schema, message] of refused) assert.throws(() => inputTypeOf(schema), { name: 'TypeError', message });
  });
});
