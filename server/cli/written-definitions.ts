import { writeFile } from 'node:fs/promises';
import type { DefinitionInput } from '@featuregraph/client';
import { print, say } from './output.ts';
import { counted } from './plan-text.ts';

/** Writes definitions to a file, by whose ending they are a module or JSON; without one, to stdout. */
export async function writeDefinitions(
  definitions: readonly DefinitionInput[],
  { out, json }: { out?: string | undefined; json?: boolean | undefined },
): Promise<void> {
  const asJson = json === true || out?.endsWith('.json') === true;
  const text = asJson ? JSON.stringify(definitions, undefined, 2) : moduleText(definitions, out);
  if (out === undefined) return print(text);
  await writeFile(out, `${text}\n`);
  say(`Wrote ${counted(definitions.length, 'definition')} to ${out}.`);
}

/** A module that exports them: the same objects, in the form of the language. */
function moduleText(definitions: readonly DefinitionInput[], file = ''): string {
  const isTyped = !/\.m?js$/.test(file);
  const head = isTyped ? "import type { DefinitionInput } from '@featuregraph/client';\n\n" : '';
  const written = JSON.stringify(definitions, undefined, 2)
    // Written as others are, it would be what the object inherits from.
    .replaceAll(/^(\s*)"__proto__":/gm, "$1['__proto__']:")
    .replaceAll(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:')
    // Ends of lines to some readers.
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `${head}export const registered${isTyped ? ': DefinitionInput[]' : ''} = ${written};`;
}
