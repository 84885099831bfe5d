import type { JsonValue } from '../generated/operations.ts';
import { enumPaths } from '../generated/schema-facts.ts';

export type Definition = { readonly [noun: string]: JsonValue };
export const languages = ['TypeScript', 'Python', 'GraphQL'] as const;
export type Language = (typeof languages)[number];

/** A definition as it would stand in a file: applying it again changes nothing. */
export function definitionText(definition: Definition, language: Language): string {
  const [[noun, body] = ['', null]] = Object.entries(definition);
  const name = isObject(body) && typeof body.name === 'string' ? body.name : noun;
  if (language === 'TypeScript') {
    const head = "import type { DefinitionInput } from '@featuregraph/client';";
    return `${head}\n\nexport const ${freed(identifier(name), takenInTypescript)}: DefinitionInput = ${written(definition, typescript)};\n`;
  }
  if (language === 'Python') {
    const variable = freed(name, takenInPython);
    return `import featuregraph as fg\n\n${variable} = ${written(definition, python)}\n\nfg.connect().apply([${variable}])\n`;
  }
  return `mutation Register {\n  apply(definitions: [${written(definition, graphql, '  ')}]) {\n    steps { action kind ref }\n    jobs { id kind ref }\n  }\n}\n`;
}

type Style = {
  key: (name: string) => string;
  scalar: (value: JsonValue, path: string) => string;
  comma: string;
};

const keyed = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));
/** How Python writes what JSON has a word for. */
export const pythonConstants: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' };

const typescript: Style = { key: keyed, scalar: (value) => JSON.stringify(value), comma: ',' };
const python: Style = {
  key: (name) => JSON.stringify(name),
  scalar: (value) => (typeof value === 'string' ? undefined : pythonConstants[String(value)]) ?? JSON.stringify(value),
  comma: ',',
};
const graphql: Style = {
  key: (name) => name,
  scalar: (value, path) => (enumPaths.includes(path) ? String(value) : JSON.stringify(value)),
  comma: '',
};

function written(value: JsonValue, style: Style, indent = '', path = ''): string {
  const deeper = `${indent}  `;
  const joined = (parts: string[], open: string, close: string) =>
    parts.length === 0
      ? open + close
      : `${open}\n${parts.map((part) => `${deeper}${part}${style.comma}\n`).join('')}${indent}${close}`;
  if (isList(value)) {
    const parts = value.map((one) => written(one, style, deeper, path));
    const short = `[${parts.join(', ')}]`;
    return short.includes('\n') || short.length > 80 ? joined(parts, '[', ']') : short;
  }
  if (!isObject(value)) return style.scalar(value, path);
  const parts = Object.entries(value).map(
    ([name, one]) => `${style.key(name)}: ${written(one, style, deeper, path === '' ? name : `${path}.${name}`)}`,
  );
  const short = `{ ${parts.join(', ')} }`;
  return path === '' || short.includes('\n') || short.length > 80 ? joined(parts, '{', '}') : short;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isObject(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function identifier(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/gi, (_all, letter: string) => letter.toUpperCase());
}

/** Names that resources may have and variables may not: words of the languages, and what the text itself uses. */
const takenInTypescript =
  'DefinitionInput arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield';
const takenInPython =
  'False None True and as assert async await break class continue def del elif else except fg finally for from global if import in is lambda nonlocal not or pass raise return try while with yield';

function freed(name: string, taken: string): string {
  return taken.split(' ').includes(name) ? `${name}_` : name;
}
