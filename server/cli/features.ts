import type { Featuregraph, FeatureSelector, KeyColumnInput } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { print, printJson, say, textTable, valueFrom } from './output.ts';

type GetOptions = Connected & { key: string[] };

export function addFeatures(program: Command): void {
  const features = program.command('features').description('Reads what is served.');
  const command = features
    .command('get')
    .description('Prints the latest values of a feature service, or of features.')
    .argument('<what...>', 'a feature service, or features as view:feature')
    .requiredOption('--key <keys...>', 'for whom: driver_id=7, driver_id=7,8 or origin.faa=JFK for a role');
  connected(command).action(async (what: string[], options: GetOptions) => {
    const answer = await withClient(options, (client) =>
      client.onlineFeatures(selectorFrom(what), options.key.map(keyFrom)),
    );
    if (options.json) return printJson(answer);
    const rows = answer.columns.flatMap(({ name, values, statuses, eventTimestamps }) =>
      values.map((value, at) => [...(answer.size > 1 ? [at] : []), name, value, statuses[at], eventTimestamps[at]]),
    );
    print(textTable([...(answer.size > 1 ? ['row'] : []), 'feature', 'value', 'status', 'since'], rows));
    for (const { provider, message } of answer.failures) say(`${provider}: ${message}`);
  });
}

export function selectorFrom(what: readonly string[]): FeatureSelector {
  const [first = ''] = what;
  return what.length === 1 && !first.includes(':')
    ? { service: first }
    : { features: what.map((feature) => ({ feature })) };
}

/** `driver_id=7,8`, with a role before: `origin.faa=JFK`. A list in JSON is taken as it is. */
export function keyFrom(text: string): KeyColumnInput {
  const [, role, joinKey = '', written] = /^(?:(\w+)\.)?(\w+)=(.*)$/s.exec(text) ?? [];
  if (written === undefined) {
    const issues = [{ path: '--key', message: `"${text}" is no key`, fix: 'Write it as driver_id=7.' }];
    throw new Failure('INVALID_INPUT', `"${text}" is no key: write it as driver_id=7.`, { issues });
  }
  const whole = valueFrom(written);
  const values = Array.isArray(whole) ? whole : written.split(',').map(valueFrom);
  return { joinKey, values, ...(role !== undefined && { role }) };
}

type NearestCommand = Connected & { key?: string[]; vector?: string; limit: string; feature?: string[] };

export function addNearest(program: Command): void {
  const command = program
    .command('nearest')
    .description('Prints the nearest entities by an embedding.')
    .argument('<feature>', 'the embedding, as view:feature')
    .option('--key <keys...>', 'near this entity: faa=ORD')
    .option('--vector <numbers>', 'near this vector: 0.1,0.2')
    .option('--limit <k>', 'how many', '10')
    .option('--feature <features...>', 'with these features of each');
  connected(command).action(async (feature: string, options: NearestCommand) => {
    const neighbors = await withClient(options, (client) => nearest(client, feature, options));
    if (options.json) return printJson(neighbors);
    const rows = neighbors.map(({ score, keys, features }) => [
      keys.map(({ value }) => value).join(' '),
      score,
      ...(features ?? []).map(({ value }) => value),
    ]);
    print(textTable(['entity', 'score', ...(neighbors[0]?.features ?? []).map(({ name }) => name)], rows));
  });
}

function nearest(client: Featuregraph, embedding: string, { key, vector, limit, feature }: NearestCommand) {
  if ((key === undefined) === (vector === undefined))
    throw new Failure('INVALID_INPUT', 'Near what? Give exactly one of --key and --vector.');
  const to = key !== undefined ? { entity: key.map(keyFrom) } : { vector: (vector ?? '').split(',').map(Number) };
  const select = feature && { select: { features: feature.map((one) => ({ feature: one })) } };
  return client.nearest(embedding, to, { k: Number(limit), ...select });
}
