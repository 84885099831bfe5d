import { glob, readFile, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import {
  buildSchema,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
} from 'graphql';
import { documentIdOf } from './src/documents/document.ts';

/**
 * Writes the typed client from `schema/schema.graphql` and the client's operations, and the manifest of the documents that
 * it sends; with `--check` it only tells whether what is committed is what it would write.
 */
const client = new URL('clients/typescript/', import.meta.url);
const target = new URL('generated/operations.ts', client);

const json = 'JsonValue';
const scalars = {
  DateTime: 'string',
  BigInt: 'number | string',
  Date: 'string',
  Bytes: 'string',
  JSONValue: json,
  JSONObject: `{ [name: string]: ${json} }`,
  KeyValues: `readonly ${json}[]`,
  RowValues: `readonly ${json}[]`,
  FeatureValues: `readonly ${json}[]`,
  ValueStatuses: 'readonly ValueStatus[]',
  Timestamps: 'readonly (string | null)[]',
};

const sdl = await readFile(new URL('schema/schema.graphql', import.meta.url), 'utf8');
const documents: { location: string; document: DocumentNode }[] = [];
for (const location of (await Array.fromAsync(glob('operations/*.graphql', { cwd: client.pathname }))).toSorted()) {
  documents.push({ location, document: parse(await readFile(new URL(location, client), 'utf8')) });
}

const config = {
  scalars,
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
  skipTypename: true,
};
const types = await codegen({
  filename: target.pathname,
  schema: parse(sdl),
  schemaAst: buildSchema(sdl),
  documents,
  config,
  pluginMap: { operations },
  plugins: [{ operations: {} }],
});
const head = `// Generated from schema/schema.graphql and the operations beside it by codegen.ts: change those instead.

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };
`;
const text = `${head}${types}\n${operationTexts()}`;

/** Each operation as the text that is sent, with its types: no client has to print what never changes. */
function operationTexts(): string {
  const all = documents.flatMap(({ document }) => document.definitions);
  const fragments = new Map(
    all.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const named = all.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const constants = [...fragments.values()].map(
    (one) => `const ${one.name.value} =\n  '${stripIgnoredCharacters(print(one))}';`,
  );
  return `
${constants.join('\n')}

/** Every operation, as it is sent. */
export const operationTexts = {
${named.map((one) => `  ${nameOf(one)}:\n    ${writtenText(one, fragments)},`).join('\n')}
} as const;

/** Every operation as a typed function; \`C\` is what may be said of one call. */
export type Operations<C> = {
${named.map((one) => `  ${signature(one)};`).join('\n')}
};
`;
}

function nameOf({ name }: OperationDefinitionNode): string {
  if (name === undefined) throw new TypeError('an operation has no name');
  return name.value;
}

function writtenText(one: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string {
  const spread = new Set<string>();
  visit(one, { FragmentSpread: ({ name }) => void spread.add(name.value) });
  for (const name of spread) if (!fragments.has(name)) throw new TypeError(`there is no fragment ${name}`);
  return [`'${stripIgnoredCharacters(print(one))}'`, ...spread].join(' + ');
}

function signature(one: OperationDefinitionNode): string {
  const name = nameOf(one);
  const kind = `${one.operation[0]?.toUpperCase()}${one.operation.slice(1)}`;
  const isNeeded = one.variableDefinitions?.some(
    ({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined,
  );
  const answer = `${name}${kind}`;
  const result = one.operation === 'subscription' ? `AsyncGenerator<${answer}, void, undefined>` : `Promise<${answer}>`;
  return `${name}(variables${isNeeded ? '' : '?'}: ${answer}Variables, options?: C): ${result}`;
}

if (process.argv.includes('--check')) {
  if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    process.stderr.write('clients/typescript/generated is not what codegen.ts writes: run `npm run codegen`.\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}

/** The documents that the client sends: their texts by id, to be published, and their ids by the operation's name. */
const manifest = new URL('generated/documents.json', client);
const idsFile = new URL('generated/document-ids.ts', client);
const { operationTexts: sent } = (await import(target.href)) as { operationTexts: Record<string, string> };
const texts = Object.fromEntries(Object.values(sent).map((one) => [documentIdOf(one), one]));
const ids = Object.entries(sent).map(([name, one]) => `  ${name}: '${documentIdOf(one)}',\n`);
const about = 'What each document is named by, once generated/documents.json is published.';
const written = new Map([
  [manifest, `${JSON.stringify(texts, undefined, 2)}\n`],
  [
    idsFile,
    `// Generated by codegen.ts. ${about}\nexport const documentIds: Readonly<Record<string, string>> = {\n${ids.join('')}};\n`,
  ],
]);
for (const [file, content] of written) {
  if (!process.argv.includes('--check')) await writeFile(file, content);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== content) {
    process.stderr.write(`${file.pathname} is not what codegen.ts writes: run \`npm run codegen\`.\n`);
    process.exitCode = 1;
  }
}
