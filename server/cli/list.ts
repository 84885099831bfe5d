import type { ResourceFilter, ResourceHeadFragment } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { inWords, kindFrom, print, printJson, textTable } from './output.ts';

type Filters = Connected & { tag?: string[]; owner?: string };

export function addList(program: Command): void {
  const command = program
    .command('list')
    .description('Lists what is registered.')
    .argument('[kinds...]', 'only these, as feature-views; all but features when left out')
    .option('--tag <tags...>', 'with all of these tags')
    .option('--owner <owner>', 'of this owner');
  connected(command).action(async (kinds: string[], options: Filters) => {
    const found: ResourceHeadFragment[] = [];
    await withClient(options, async (client) => {
      for await (const one of client.resources(filterFrom(kinds, options)))
        if (kinds.length > 0 || one.kind !== 'FEATURE') found.push(one);
    });
    show(found, options);
  });
}

export function addSearch(program: Command): void {
  const command = program
    .command('search')
    .description(
      'Finds what is registered by words of its name, description, owner or tags; the best match comes first.',
    )
    .argument('<words...>', 'what to look for; small spelling errors are forgiven');
  connected(command).action(async (words: string[], options: Connected) => {
    const found: ResourceHeadFragment[] = [];
    await withClient(options, async (client) => {
      for await (const one of client.search(words.join(' '))) found.push(one);
    });
    show(found, options);
  });
}

function filterFrom(kinds: readonly string[], { tag, owner }: Filters): ResourceFilter {
  return {
    ...(kinds.length > 0 && { kinds: kinds.map((kind) => kindFrom(kind)) }),
    ...(tag !== undefined && { tags: tag }),
    ...(owner !== undefined && { owner }),
  };
}

function show(found: readonly ResourceHeadFragment[], { json }: Connected): void {
  if (json) printJson(found);
  else if (found.length === 0) print('There is nothing.');
  else print(textTable(['kind', 'reference', 'status', 'owner', 'description'], found.map(rowOf)));
}

function rowOf({ kind, ref, status, owner, description }: ResourceHeadFragment) {
  return [inWords(kind), ref, inWords(status), owner, description || null];
}
