import { glob, readFile, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as genericSdk from '@graphql-codegen/typescript-generic-sdk';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';

/**
 * Writes the typed client from `schema/schema.graphql` and the client's operations; with `--check` it only tells
 * whether what is committed is what it would write.
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

const schema = buildSchema(await readFile(new URL('schema/schema.graphql', import.meta.url), 'utf8'));
const documents = [];
for (const location of (await Array.fromAsync(glob('operations/*.graphql', { cwd: client.pathname }))).toSorted()) {
  documents.push({ location, document: parse(await readFile(new URL(location, client), 'utf8')) });
}

const config = {
  scalars,
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
  skipTypename: true,
  documentMode: 'documentNode',
};
const generated = await codegen({
  filename: target.pathname,
  schema: parse(await readFile(new URL('schema/schema.graphql', import.meta.url), 'utf8')),
  schemaAst: schema,
  documents,
  config,
  pluginMap: { operations, genericSdk },
  plugins: [{ operations: {} }, { genericSdk: {} }],
});
const head = `// Generated from schema/schema.graphql and the operations beside it by codegen.ts: change those instead.

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };
`;
const text = `${head}${generated}\n`;

if (process.argv.includes('--check')) {
  if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    process.stderr.write('clients/typescript/generated is not what codegen.ts writes: run `npm run codegen`.\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}
