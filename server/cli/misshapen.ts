import type { Issue } from '@featuregraph/client';
import type { GraphQLSchema } from 'graphql';

/** What an input type or an enum holds, for who has written something else. */
export type Shapes = (type: string) => { names: string[]; isOneOf: boolean };

/** Of the types of a schema. */
export function shapesOf(schema: GraphQLSchema): Shapes {
  return (name) => {
    const type = schema.getType(name.replaceAll(/[![\]]/g, ''));
    if (type !== undefined && 'getValues' in type)
      return { names: type.getValues().map((value) => value.name), isOneOf: false };
    // Of input types alone; asked in this way, `--help` does not wait for all of GraphQL.
    if (type === undefined || !('isOneOf' in type)) return { names: [], isOneOf: false };
    return { names: Object.keys(type.getFields()), isOneOf: type.isOneOf };
  };
}

const invalid = /^Variable "\$(\w+)" got invalid value ("(?:[^"\\]|\\.)*"|.*?)(?: at "(\1[^"]*)")?; (.*)$/;
const secret = /^Variable "\$(\w+)" is not valid(?: at "(\1[^"]*)")?, in or beside a secret.* here(?:: (.*))?$/;
const missing = /^Variable "\$(\w+)" of (?:non-null|required) type "([^"]+)" (?:must not be null|was not provided)\.$/;

/** What GraphQL says of a variable of the wrong shape, as the issue of the field that it was given in; undefined of all else. */
export function misshapenIssue(line: string, shapes: Shapes): Issue | undefined {
  const [, absent, type] = missing.exec(line) ?? [];
  if (absent !== undefined) return { path: absent, message: `is missing: ${typeInWords(type ?? '')} is wanted` };
  const [isSecret, ofSecret = '', place = ofSecret, why] = secret.exec(line) ?? [];
  const unsaid = 'something that is not repeated here, since a secret may be in it';
  if (isSecret !== undefined)
    return why === undefined ? { path: place, message: `is ${unsaid}` } : issueFrom(place, unsaid, why, shapes);
  const [, variable = '', value = '', path = variable, said] = invalid.exec(line) ?? [];
  return said === undefined ? undefined : issueFrom(path, short(value), said, shapes);
}

function issueFrom(path: string, value: string, said: string, shapes: Shapes): Issue {
  for (const [pattern, told] of readings) {
    const [, ...parts] = pattern.exec(said) ?? [undefined];
    if (parts.length > 0) return { path, ...told(value, parts as string[], shapes) };
  }
  return { path, message: `${value}: ${said}` };
}

type Told = Omit<Issue, 'path'>;
type Reading = readonly [RegExp, (value: string, parts: readonly string[], shapes: Shapes) => Told];

const meant = (hint: string | undefined) => (hint === undefined ? undefined : hint.replace('the enum value ', ''));
const fixed = (message: string, fix: string | undefined): Told => ({ message, ...(fix !== undefined && { fix }) });
const fieldsText = (all: readonly string[]) => (all.length === 0 ? undefined : `Its fields are ${all.join(', ')}.`);

const readings: readonly Reading[] = [
  [
    /^Expected type "([^"]+)" to be an object\.$/,
    (value, [type = ''], shapes) => {
      const { names, isOneOf } = shapes(type);
      const fields = names.map((one) => `${one}: …`);
      const written = isOneOf ? fields.map((one) => `{ ${one} }`).join(' or ') : `{ ${fields.join(', ')} }`;
      const fix = names.length === 0 ? undefined : `Write ${written}.`;
      return fixed(`is ${value}, and must be an object`, fix);
    },
  ],
  [
    /^Field "([^"]+)" is not defined by type "([^"]+)"\.(?: (Did you mean .*\?))?$/,
    (_value, [name, type = '', hint], shapes) =>
      fixed(`has no field "${name}"`, hint ?? fieldsText(shapes(type).names)),
  ],
  [
    /^Field "([^"]+)" of required type "([^"]+)" was not provided\.$/,
    (_value, [name, type = '']) => fixed(`lacks "${name}"`, `Add it: ${typeInWords(type)} is wanted.`),
  ],
  [
    /^Value "([^"]*)" does not exist in "([^"]+)" enum\.(?: (Did you mean .*\?))?$/,
    (_value, [written, type = '', hint], shapes) =>
      fixed(`"${written}" is no value of it`, meant(hint) ?? `It is one of ${shapes(type).names.join(', ')}.`),
  ],
  [
    /^Enum "([^"]+)" cannot represent non-string value: .*?\.(?: (Did you mean .*\?))?$/,
    (value, [type = '', hint], shapes) =>
      fixed(`${value} is no value of it`, meant(hint) ?? `It is one of ${shapes(type).names.join(', ')}.`),
  ],
  [
    /^Exactly one key must be specified for OneOf type "([^"]+)"\.$/,
    (_value, [type = ''], shapes) => fixed('must have exactly one of its fields', fieldsText(shapes(type).names)),
  ],
  [/^Field "([^"]+)" must be non-null\.$/, (_value, [name]) => ({ message: `"${name}" must not be null` })],
  [
    /^Expected non-nullable type "([^"]+)" not to be null\.$/,
    (_value, [type = ''], shapes) => fixed(`is null, and must be ${typeInWords(type)}`, filledIn(type, shapes)),
  ],
  [
    /^(Int|Float|String|Boolean|ID) cannot represent /,
    (value, [type = '']) => ({ message: `is ${value}, and must be ${typeInWords(type)}` }),
  ],
  [/^(must .*)$/, (value, [rule = '']) => ({ message: `is ${value}, and ${rule}` })],
];

/** What to write where there is null. */
function filledIn(type: string, shapes: Shapes): string {
  const { names } = shapes(type);
  if (/^JSONObject!?$/.test(type)) return 'Write { "column": value, … }, or take it out.';
  return names.length === 0 || type.startsWith('[')
    ? 'Write one, or take it out.'
    : `${/Input!?$/.test(type) ? 'Its fields are' : 'It is one of'} ${names.join(', ')}.`;
}

const words: Readonly<Record<string, string>> = {
  Int: 'a whole number of 32 bits',
  Float: 'a number',
  String: 'text',
  ID: 'text',
  Boolean: 'true or false',
  JSONObject: 'an object',
  JSONValue: 'a value',
  BigInt: 'a whole number',
  DateTime: 'an instant',
  KeyValues: 'a list',
};

function typeInWords(type: string): string {
  if (/^\[/.test(type)) return 'a list';
  const name = type.replaceAll('!', '');
  return words[name] ?? (/Input$/.test(name) ? 'an object' : `a ${name}`);
}

function short(value: string): string {
  return value.length > 60 ? `${value.slice(0, 59)}…` : value;
}
