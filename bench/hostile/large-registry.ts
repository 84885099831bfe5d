import type { DefinitionInput, Featuregraph } from '@featuregraph/client';
import { createClient } from 'graphql-ws';
import { type Answered, asked } from './measured-server.ts';

/** A registry of some 13,000 resources: many views, one that is wide, a deep chain, and many that use many. */
export const size = { views: 500, featuresOfView: 20, wide: 2_000, chain: 100, consumers: 450, used: 60 } as const;

const numbers = Array.from({ length: size.featuresOfView }, (_, at) => `value_${at}`);
const wide = Array.from({ length: size.wide }, (_, at) => `value_${at}`);
const wideColumns = wide.map((name, at) => `value_${at % numbers.length} + ${at} as wide_${name}`).join(', ');
const float = (names: readonly string[]) => names.map((name) => ({ name, type: 'FLOAT64' }));

const used = (at: number) =>
  Array.from({ length: size.used }, (_, place) => ({
    feature: `facts_${(at + place * 7) % size.views}:value_${place % size.featuresOfView}`,
    alias: `input_${place}`,
  }));

/** As many definitions as one request may have. */
export function wideDefinitions(suffix = ''): DefinitionInput[] {
  return [
    ...Array.from({ length: size.views }, (_, at): DefinitionInput => {
      const description = `Facts of the kind ${at}, as they are known.`;
      return {
        featureView: {
          name: `facts_${at}`,
          entity: 'driver',
          source: 'values',
          description: `${description}${suffix}`,
          features: float(numbers),
        },
      };
    }),
    {
      featureView: {
        name: 'wide',
        entity: 'driver',
        source: 'wide_values',
        features: float(wide.map((name) => `wide_${name}`)),
      },
    },
    ...Array.from({ length: size.consumers }, (_, at): DefinitionInput[] => [
      { featureService: { name: `service_${at}`, features: used(at) } },
      { trainingSet: { name: `training_${at}`, label: 'outcome', features: used(at) } },
    ]).flat(),
  ];
}

export function baseDefinitions(): DefinitionInput[] {
  return [
    { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
    { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
    { entity: { name: 'driver', joinKeys: [{ name: 'id', type: 'INT64' }] } },
    { source: { name: 'values', files: { paths: ['values.csv'] } } },
    {
      source: {
        name: 'wide_values',
        transformation: { sql: `select id, ${wideColumns} from {{ values }}`, as: 'VIEW' },
      },
    },
    {
      label: {
        name: 'outcome',
        source: 'values',
        value: { column: 'value_0', type: 'FLOAT64' },
        entities: [{ entity: 'driver' }],
      },
    },
    {
      featureView: {
        name: 'served',
        entity: 'driver',
        source: 'values',
        onlineStore: 'latest',
        features: float(numbers),
      },
    },
  ];
}

/** Each source is computed from the one before it, and a view is on each. */
export function chainDefinitions(): DefinitionInput[] {
  return Array.from({ length: size.chain }, (_, at): DefinitionInput[] => {
    const before = at === 0 ? 'values' : `link_${at - 1}`;
    return [
      {
        source: { name: `link_${at}`, transformation: { sql: `select id, value_0 from {{ ${before} }}`, as: 'TABLE' } },
      },
      { featureView: { name: `on_link_${at}`, entity: 'driver', source: `link_${at}`, features: float(['value_0']) } },
    ];
  }).flat();
}

export function csvOf(columns: readonly string[], rows: number): string {
  const lines = Array.from({ length: rows }, (_row, id) => [id, ...columns.map((_, at) => `${id + at}.5`)].join(','));
  return `${['id', ...columns].join(',')}\n${lines.join('\n')}\n`;
}

export const files = { 'values.csv': csvOf(numbers, 100) } as const;

export type RegistryCase = { name: string; work(url: string, client: Featuregraph): Promise<Answered> };

const query =
  (text: string, variables: object = {}) =>
  (url: string) =>
    asked(url, JSON.stringify({ query: text, variables }));

const planned = `query ($definitions: [DefinitionInput!]!) { plan(definitions: $definitions) {
  steps { index action kind ref changes { path before after inPlace } } issues { path message fix } jobs { kind ref } } }`;
const applied = `mutation ($definitions: [DefinitionInput!]!) { apply(definitions: $definitions) {
  steps { index action kind ref changes { path before after inPlace } } jobs { id state } } }`;

const lineage = (root: string, direction: string) =>
  query(`{ ${root} { lineage(direction: ${direction}) { nodes { id kind ref } edges { from { id } to { id } } } } }`);

const done: Answered = { status: 200, megabytes: 0, answer: '' };
const introspection = `{ __schema { types { name kind description fields(includeDeprecated: true) { name description
  args { name description type { name kind ofType { name kind ofType { name kind } } } }
  type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } }
  inputFields { name type { name kind ofType { name kind } } } enumValues { name description } } } }`;

const searches = {
  'one letter': 'v',
  'what all have': 'value facts float64 driver',
  'many words': 'va fa se tr in ou li dr '.repeat(30).slice(0, 256),
  'many misspelt words': 'valeu fcats servcie trainign otucome drvier link '.repeat(5).slice(0, 250),
  'one long word': 'value'.repeat(51),
} as const;

export const registryCases: readonly RegistryCase[] = [
  { name: 'plan of all that is wide, unchanged', work: query(planned, { definitions: wideDefinitions() }) },
  {
    name: 'plan of all that is wide, described anew',
    work: query(planned, { definitions: wideDefinitions(' Indeed.') }),
  },
  { name: 'plan of the chain, unchanged', work: query(planned, { definitions: chainDefinitions() }) },
  { name: 'apply of all that is wide, unchanged', work: query(applied, { definitions: wideDefinitions() }) },
  {
    name: 'apply of all that is wide, described anew',
    work: query(applied, { definitions: wideDefinitions(' So far.') }),
  },
  {
    name: 'apply of one view',
    work: query(applied, {
      definitions: [{ featureView: { name: 'new', entity: 'driver', source: 'values', features: float(numbers) } }],
    }),
  },
  {
    name: 'apply of one description',
    work: query(
      'mutation { updateResource(kind: FEATURE_VIEW, ref: "served", patch: { description: "Served." }) { ref } }',
    ),
  },
  { name: 'export', work: async (_url, client) => client.export().then(() => done) },
  {
    name: 'definitions of 1,000',
    work: query('{ resources(first: 1000) { edges { node { kind ref definition } } } }'),
  },
  {
    name: 'what 1,000 break',
    work: query('{ resources(first: 1000) { edges { node { kind ref breaks { kind ref } } } } }'),
  },
  {
    name: 'what the last 1,000 break',
    work: query('{ resources(last: 1000) { edges { node { kind ref breaks { kind ref } } } } }'),
  },
  ...Object.entries(searches).map(([name, text]) => ({
    name: `search: ${name}`,
    work: query(
      'query ($text: String!) { resources(search: $text, first: 100) { totalCount edges { node { ref } matches { field word } } } }',
      { text },
    ),
  })),
  {
    name: '1,000 of all features',
    work: query('{ features(first: 1000) { edges { node { id ref type description } } } }'),
  },
  {
    name: '50 pages of a search at once',
    work: query(
      `{ ${Array.from({ length: 50 }, (_, at) => `a${at}: resources(search: "value ${at}", first: 10) { totalCount }`).join(' ')} }`,
    ),
  },
  {
    name: '50 lists at once',
    work: query(
      `{ ${Array.from({ length: 50 }, (_, at) => `a${at}: resources(filter: { tags: ["t${at}"] }, first: 10) { totalCount }`).join(' ')} }`,
    ),
  },
  { name: 'lineage below the wide source', work: lineage('source(ref: "values")', 'DOWNSTREAM') },
  { name: 'lineage of the entity, both ways', work: lineage('entity(ref: "driver")', 'BOTH') },
  { name: 'lineage above the last link', work: lineage(`featureView(ref: "on_link_${size.chain - 1}")`, 'UPSTREAM') },
  { name: 'lineage below the first link', work: lineage('source(ref: "link_0")', 'DOWNSTREAM') },
  { name: 'lineage above a training set', work: lineage('trainingSet(ref: "training_0")', 'UPSTREAM') },
  {
    name: 'upstream of 500 views 100 deep',
    work: query('{ featureViews(last: 500) { edges { node { ref upstream(depth: 1000) { ref } } } } }'),
  },
  { name: 'what breaks without the entity', work: query('{ entity(ref: "driver") { breaks { kind ref } } }') },
  { name: 'delete of the entity', work: query('mutation { deleteResource(kind: ENTITY, ref: "driver") }') },
  {
    name: 'the wide view',
    work: query('{ featureView(ref: "wide") { ref definition features { id ref type description } } }'),
  },
  { name: 'origins of 2,000', work: query('{ featureView(ref: "wide") { features { ref origins { column } } } }') },
  { name: 'the SDL', work: query('{ _service { sdl } }') },
  { name: 'introspection', work: query(introspection) },
  { name: '100 watchers of 1,000 changes', work: watched },
  {
    name: 'delete of 50 services',
    work: async (url) => {
      for (let at = 0; at < 50; at++)
        await query(`mutation { deleteResource(kind: FEATURE_SERVICE, ref: "service_${at}") }`)(url);
      return done;
    },
  },
  {
    name: '50 deletes in one request',
    work: query(
      `mutation { ${Array.from({ length: 50 }, (_, at) => `a${at}: deleteResource(kind: TRAINING_SET, ref: "training_${at}")`).join(' ')} }`,
    ),
  },
];

async function watched(url: string, client: Featuregraph): Promise<Answered> {
  const socket = createClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
  const count = 1_000;
  const heard = Array.from({ length: 100 }, () => {
    return new Promise<void>((resolve, reject) => {
      let left = count;
      socket.subscribe(
        { query: 'subscription { resourceChanges(filter: { kinds: [ENTITY] }) { action ref resource { status } } }' },
        { next: () => void (--left === 0 && resolve()), error: reject, complete: resolve },
      );
    });
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const entity = (_: unknown, at: number) => ({
    entity: { name: `thing_${at}`, joinKeys: [{ name: 'id', type: 'INT64' }] },
  });
  await client.apply(Array.from({ length: count }, entity));
  await Promise.all(heard);
  await socket.dispose();
  return done;
}
