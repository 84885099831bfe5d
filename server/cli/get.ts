import type { Featuregraph, ResourceQuery } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { inWords, kindFrom, print, printJson, textTable } from './output.ts';

export type Found = NonNullable<ResourceQuery['resource']>;

/** A resource by kind and reference; fails with NOT_FOUND. */
export async function resourceOf(client: Featuregraph, kind: string, ref: string): Promise<Found> {
  const { resource } = await client.operations.Resource({ kind: kindFrom(kind), ref });
  if (resource === null) throw new Failure('NOT_FOUND', `There is no ${inWords(kindFrom(kind))} "${ref}".`);
  return resource;
}

export function addGet(program: Command): void {
  const command = program
    .command('get')
    .description('Prints the definition of a resource, as it can be applied again.')
    .argument('<kind>', 'as feature-view')
    .argument('<ref>', 'name for the latest variant, or name@variant');
  connected(command).action(async (kind: string, ref: string, options: Connected) => {
    printJson((await withClient(options, (client) => resourceOf(client, kind, ref))).definition);
  });
}

export function addDescribe(program: Command): void {
  const command = program
    .command('describe')
    .description('Says what a resource is, how it is, what it was built on and what is built on it.')
    .argument('<kind>', 'as feature-view')
    .argument('<ref>', 'name for the latest variant, or name@variant');
  connected(command).action(async (kind: string, ref: string, options: Connected) => {
    const found = await withClient(options, (client) => resourceOf(client, kind, ref));
    if (options.json) printJson(found);
    else print(description(found));
  });
}

function description(found: Found): string {
  const users = (among: Found['upstream']) => among.map((one) => `${inWords(one.kind)} ${one.ref}`).join(', ');
  const told = [
    ['description', found.description],
    ['owner', found.owner],
    ['tags', found.tags.join(', ')],
    ['deprecated', found.deprecated],
    ['status', [inWords(found.status), found.statusMessage].filter((part) => part !== null).join(': ')],
    ['registered', found.createdAt],
    ['built on', users(found.upstream)],
    ['used by', users(found.downstream.filter(({ kind }) => kind !== 'FEATURE'))],
  ] as const;
  const lines = told.flatMap(([name, value]) => (value ? [`  ${name.padEnd(12)} ${value}`] : []));
  const view = (
    found.definition as { featureView?: { features: { name: string; type: string; description?: string }[] } } | null
  )?.featureView;
  const features =
    view &&
    textTable(
      ['feature', 'type', 'description'],
      view.features.map((one) => [one.name, one.type, one.description]),
    );
  return [`${inWords(found.kind)} ${found.ref}`, ...lines, ...(features ? ['', features] : [])].join('\n');
}
