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

/** What codegen makes of operations, whoever sends them: their types, and their texts as they are sent. */
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

const config = { scalars, strictScalars: true, enumsAsTypes: true, useTypeImports: true, skipTypename: true };

export type Operations = {
  readonly documents: readonly { location: string; document: DocumentNode }[];
  readonly named: readonly OperationDefinitionNode[];
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
};

/** The operations of `operations/` in a folder, in the order of its files. */
export async function readOperations(folder: URL): Promise<Operations> {
  const documents: { location: string; document: DocumentNode }[] = [];
  for (const location of (await Array.fromAsync(glob('operations/*.graphql', { cwd: folder.pathname }))).toSorted()) {
    documents.push({ location, document: parse(await readFile(new URL(location, folder), 'utf8')) });
  }
  const all = documents.flatMap(({ document }) => document.definitions);
  const fragments = all.flatMap((one) =>
    one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
  );
  return {
    documents,
    named: all.filter((one) => one.kind === Kind.OPERATION_DEFINITION),
    fragments: new Map(fragments),
  };
}

/** The types of what operations take and answer, after a line that says where they come from. */
export async function operationTypes(
  sdl: string,
  { documents }: Operations,
  target: URL,
  imports: readonly string[] = [],
): Promise<string> {
  const types = await codegen({
    filename: target.pathname,
    schema: parse(sdl),
    schemaAst: buildSchema(sdl),
    documents: [...documents],
    config,
    pluginMap: { operations },
    plugins: [{ operations: {} }],
  });
  return `// Generated from schema/schema.graphql and the operations beside it by codegen.ts: change those instead.
${imports.map((one) => `\n${one}\n`).join('')}
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };
${types}
`;
}

/** Each fragment as a constant, for the texts of operations to end with. */
export function fragmentConstants({ fragments }: Operations): string {
  return [...fragments.values()]
    .map((one) => `const ${one.name.value} =\n  '${stripIgnoredCharacters(print(one))}';`)
    .join('\n');
}

export function nameOf({ name }: OperationDefinitionNode): string {
  if (name === undefined) throw new TypeError('an operation has no name');
  return name.value;
}

/** An operation as an expression that is its text, with that of the fragments that it spreads, and these spread. */
export function operationText(one: OperationDefinitionNode, { fragments }: Operations): string {
  const spread = new Set<string>();
  const gather = (node: OperationDefinitionNode | FragmentDefinitionNode) =>
    visit(node, {
      FragmentSpread: ({ name: { value } }) => {
        const fragment = fragments.get(value);
        if (fragment === undefined) throw new TypeError(`there is no fragment ${value}`);
        if (spread.has(value)) return;
        spread.add(value);
        gather(fragment);
      },
    });
  gather(one);
  return [`'${stripIgnoredCharacters(print(one))}'`, ...spread].join(' + ');
}

/** What an operation's types are called: the name, and what kind of operation it is. */
export function answerOf(one: OperationDefinitionNode): string {
  return `${nameOf(one)}${one.operation[0]?.toUpperCase()}${one.operation.slice(1)}`;
}

/** Writes a file; with `--check` it only tells whether that is what is committed. */
export async function writeGenerated(file: URL, text: string): Promise<void> {
  if (!process.argv.includes('--check')) return writeFile(file, text);
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
  process.stderr.write(`${file.pathname} is not what codegen.ts writes: run \`npm run codegen\`.\n`);
  process.exitCode = 1;
}
