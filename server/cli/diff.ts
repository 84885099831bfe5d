import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { resourceOf } from './get.ts';
import { print, printJson } from './output.ts';

type Difference = { path: string; before: unknown; after: unknown };

export function addDiff(program: Command): void {
  const command = program
    .command('diff')
    .description('Says what differs between two variants: ends with 0 where nothing does, otherwise with 2.')
    .argument('<kind>', 'as feature-view')
    .argument('<a>', 'name@variant')
    .argument('<b>', 'name@variant');
  connected(command).action(async (kind: string, a: string, b: string, options: Connected) => {
    const [one, other] = await withClient(options, (client) =>
      Promise.all([resourceOf(client, kind, a), resourceOf(client, kind, b)]),
    );
    const found = differences(Object.values(one.definition ?? {})[0], Object.values(other.definition ?? {})[0]);
    if (options.json) printJson(found);
    else if (found.length === 0) print(`${one.ref} and ${other.ref} are the same.`);
    else
      for (const { path, before, after } of found)
        print(`${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`);
    process.exitCode = found.length === 0 ? 0 : 2;
  });
}

/** Field by field; what has a name in a list is compared by name. */
function differences(before: unknown, after: unknown, path = ''): Difference[] {
  if (path === 'variant' || isDeepStrictEqual(before, after)) return [];
  const [one, other] = [fieldsOf(before), fieldsOf(after)];
  if (one === undefined || other === undefined) return [{ path, before: before ?? null, after: after ?? null }];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const found = names.flatMap((name) => {
    const step = Array.isArray(before) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    return differences(one[name], other[name], step);
  });
  return found.length > 0 ? found : [{ path: `${path} order`, before, after }];
}

function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return value as Record<string, unknown>;
  const named = value.every((one) => typeof one === 'object' && one !== null && 'name' in one);
  return named ? Object.fromEntries(value.map((one) => [one.name, one])) : undefined;
}
