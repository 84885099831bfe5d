import type { Featuregraph, FeatureSelector, KeyColumnInput } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { numbers, wholeNumber } from './numbers.ts';
import { print, printJson, say, textTable, valueFrom } from './output.ts';
import type { Placing } from './told-errors.ts';

type GetOptions = Connected & { key: string[]; request?: string[] };

export function addFeatures(program: Command): void {
  const features = program.command('features').description('Reads what is served.');
  const command = features
    .command('get')
    .description('Prints the latest values of a feature service, or of features.')
    .argument('<what...>', 'a feature service, or features as view:feature')
    .requiredOption('--key <keys...>', 'for whom: driver_id=7, driver_id=7,8 or origin.faa=JFK for a role')
    .option(
      '--request <values...>',
      'what on-demand features are computed from besides: amount=12.5, or one value a row',
    );
  connected(command).action(async (what: string[], options: GetOptions) => {
    const get = (client: Featuregraph) =>
      client.onlineFeatures(selectorFrom(what), options.key.map(keyFrom), {
        request: Object.fromEntries((options.request ?? []).map(requestFrom)),
      });
    const answer = await withClient(options, get, placingIn({ ...options, feature: what }));
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

function requestFrom(text: string): [string, KeyColumnInput['values']] {
  const { joinKey, values } = keyFrom(text);
  return [joinKey, values];
}

type NearestCommand = Connected & { key?: string[]; vector?: number[]; limit: number; feature?: string[] };

export function addNearest(program: Command): void {
  const command = program
    .command('nearest')
    .description('Prints the nearest entities by an embedding.')
    .argument('<feature>', 'the embedding, as view:feature')
    .option('--key <keys...>', 'near this entity: faa=ORD')
    .option('--vector <numbers>', 'near this vector: 0.1,0.2', numbers)
    .option('--limit <k>', 'how many', wholeNumber, 10)
    .option('--feature <features...>', 'with these features of each');
  connected(command).action(async (feature: string, options: NearestCommand) => {
    const find = (client: Featuregraph) => nearest(client, feature, options);
    const neighbors = await withClient(options, find, placingIn(options));
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
  const to = key !== undefined ? { entity: key.map(keyFrom) } : { vector: vector ?? [] };
  const select = feature && { select: { features: feature.map((one) => ({ feature: one })) } };
  return client.nearest(embedding, to, { k: limit, ...select });
}

/** An issue of a key, of a value of the request or of a feature is one of what was given as that. */
function placingIn(given: { key?: string[]; request?: string[]; feature?: string[] }): Placing {
  const key = given.key?.map((one) => `--key ${one}`);
  const keys = { keys: key, 'to.entity': key };
  const written = { ...keys, request: given.request?.map((one) => `--request ${one}`) };
  const all = { ...written, features: given.feature, 'select.features': given.feature };
  return (path) => {
    if (path in keys) return { what: '--key', fix: keyToAdd };
    const [, list = '', index] = /^([\w.]+)\[(\d+)\]/.exec(path) ?? [];
    const what = (all as Record<string, string[] | undefined>)[list]?.[Number(index)];
    return what === undefined ? undefined : { what };
  };
}

/** A key that is lacking, as an option instead of as GraphQL. */
function keyToAdd(fix: string): string {
  const [, role, joinKey, type] = /^Add \{ role: "(.+?)", joinKey: "(.+?)", values: .* of type (.+)\.$/.exec(fix) ?? [];
  return joinKey === undefined ? fix : `Add --key ${role}.${joinKey}=… with a value of type ${type}.`;
}
