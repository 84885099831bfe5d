import { FeaturegraphError, pagesOf } from '@featuregraph/client';
import { z } from 'zod';
import { jobStates } from '../../src/jobs/job.ts';
import { definitionFormat, nounNames } from './definition-format.ts';
import { bump, definitions, firstOf, kind, limit, ref, type Tool, tool } from './tool.ts';

const filter = {
  kinds: z.array(kind).optional().describe('Only of these kinds.'),
  tags: z.array(z.string()).optional().describe('Only with all of these tags.'),
  owner: z.string().optional().describe('Only of this owner.'),
};

/** Finding what is registered, and saying what would come of a change. */
export const lookingTools: readonly Tool[] = [
  tool({
    name: 'search',
    title: 'Search the registry',
    description: 'Finds resources by words of their name, description, owner, tags or columns; the best match first.',
    input: z.strictObject({ text: z.string().min(1).describe('What to look for.'), ...filter, limit: limit(100, 20) }),
    effect: 'READ',
    run: (client, { text, limit: most, ...only }, signal) => firstOf(client.search(text, only, { signal }), most),
  }),
  tool({
    name: 'list',
    title: 'List resources',
    description: 'Lists what is registered: providers, entities, sources, feature views, features, services and so on.',
    input: z.strictObject({ ...filter, limit: limit(500, 50) }),
    effect: 'READ',
    run: (client, { limit: most, ...only }, signal) => firstOf(client.resources(only, { signal }), most),
  }),
  tool({
    name: 'describe',
    title: 'Describe a resource',
    description: 'What a resource is, its whole definition, its status, what it is built on and what is built on it.',
    input: z.strictObject({ kind, ref }),
    effect: 'READ',
    async run(client, asked, signal) {
      const { resource } = await client.operations.Resource(asked, { signal });
      if (resource === null) throw notRegistered(asked.kind, asked.ref);
      return resource;
    },
  }),
  tool({
    name: 'lineage',
    title: 'Show lineage',
    description: 'What a resource was built on and what is built on it, as nodes and edges.',
    input: z.strictObject({
      kind,
      ref,
      direction: z.enum(['UPSTREAM', 'DOWNSTREAM', 'BOTH']).default('BOTH').describe('BOTH when left out.'),
      depth: z.int().min(1).optional().describe('How many steps away; all when left out.'),
    }),
    effect: 'READ',
    run: (client, { kind: of, ref: one, direction, depth }, signal) =>
      client.lineage(of, one, { direction, signal, ...(depth !== undefined && { depth }) }),
  }),
  tool({
    name: 'definition_format',
    title: 'Say how a definition is written',
    description: 'The JSON Schema of what plan and apply take, for one noun.',
    input: z.strictObject({ noun: z.enum(nounNames).describe('Which noun.') }),
    effect: 'READ',
    run: async (_client, { noun }) => definitionFormat(noun),
  }),
  tool({
    name: 'plan',
    title: 'Plan definitions',
    description:
      'Says what applying definitions would do, which jobs would run, and everything wrong. Changes nothing.',
    input: z.strictObject({ definitions, bump }),
    effect: 'READ',
    run: (client, { definitions: given, ...options }, signal) => client.plan(given, { ...options, signal }),
  }),
  tool({
    name: 'list_jobs',
    title: 'List jobs',
    description: 'Jobs, the newest first: what runs, what failed and why.',
    input: z.strictObject({
      states: z.array(z.enum(jobStates)).optional().describe('Only in one of these states.'),
      limit: limit(200, 20),
    }),
    effect: 'READ',
    run: (client, { states, limit: most }, signal) => firstOf(client.jobs.list({ states }, { signal }), most),
  }),
  tool({
    name: 'describe_job',
    title: 'Describe a job',
    description: 'One job with its log.',
    input: z.strictObject({ id: z.string().min(1).describe('Its id.') }),
    effect: 'READ',
    async run(client, { id }, signal) {
      const { job } = await client.operations.Job({ id }, { signal });
      if (job === null) throw new FeaturegraphError('NOT_FOUND', `There is no job "${id}".`);
      return job;
    },
  }),
  tool({
    name: 'check_providers',
    title: 'Check the providers',
    description: 'Asks every registered provider whether it answers, and says what is wrong where it does not.',
    input: z.strictObject({}),
    effect: 'READ',
    run: async ({ operations }, _input, signal) => {
      const page = async (after: string | null) =>
        (await operations.ProviderHealth({ first: 100, after }, { signal })).providers;
      return { providers: await Array.fromAsync(pagesOf(page)) };
    },
  }),
];

export function notRegistered(what: string, one: string): FeaturegraphError {
  const said = what.toLowerCase().replaceAll('_', ' ');
  const fix = 'Ask search or list for what there is.';
  return new FeaturegraphError('NOT_FOUND', `There is no ${said} "${one}".`, {
    issues: [{ path: 'ref', message: 'is not registered', fix }],
  });
}
