import { request as send } from 'node:http';
import type { DefinitionInput, Featuregraph } from '@featuregraph/client';
import type { Answered } from './measured-server.ts';

/** Maps of as many entries as there may be, and a key with very many events. */
const mapKeys = 1_000;
const functions = ['SUM', 'MIN', 'MAX', 'MEAN'] as const;
const eventsOfOne = 300_000;

/** What is made of `values`, which has an `id` and a `value_0` a row. */
export function largeDefinitions(rows: number): DefinitionInput[] {
  const made = (name: string, sql: string): DefinitionInput => ({
    source: { name, provider: 'warehouse', transformation: { sql, as: 'TABLE' } },
  });
  const aggregated = (name: string, aggregation: object, type: string) =>
    ({ name, type, column: 'amount', aggregation: { window: 'FOREVER', ...aggregation } }) as never;
  const busyKeys = Math.ceil(eventsOfOne / rows);
  return [
    { entity: { name: 'customer', joinKeys: [{ name: 'customer_id', type: 'INT64' }] } },
    made(
      'purchases',
      `select c.id as customer_id, timestamp '2024-01-01' as bought_at, c.value_0 + k.id as amount, 'category ' || k.id as category from {{ values }} c cross join {{ values }} k where k.id < ${mapKeys}`,
    ),
    made(
      'clicks',
      `select 1 as customer_id, timestamp '2024-01-01' + to_seconds(e.id * ${busyKeys} + k.id) as bought_at, e.value_0 as amount from {{ values }} e cross join {{ values }} k where k.id < ${busyKeys}`,
    ),
    made('questions', `select id as customer_id, timestamp '2024-02-01' as asked_at, true as bought from {{ values }}`),
    {
      featureView: {
        name: 'spending',
        entity: 'customer',
        source: 'purchases',
        eventTimestamp: 'bought_at',
        onlineStore: 'latest',
        features: functions.map((name) =>
          aggregated(name.toLowerCase(), { function: name, secondaryKey: 'category' }, 'MAP(STRING, FLOAT64)'),
        ),
      },
    },
    {
      featureView: {
        name: 'busy',
        entity: 'customer',
        source: 'clicks',
        eventTimestamp: 'bought_at',
        lateness: '10000d',
        onlineStore: 'latest',
        features: [aggregated('clicks', { function: 'SUM' }, 'FLOAT64')],
      },
    },
    {
      label: {
        name: 'bought',
        source: 'questions',
        timestamp: 'asked_at',
        value: { column: 'bought', type: 'BOOL' },
        entities: [{ entity: 'customer' }],
      },
    },
    {
      trainingSet: {
        name: 'mapped',
        label: 'bought',
        features: functions.map((name) => ({ feature: `spending:${name.toLowerCase()}` })),
      },
    },
  ];
}

/** What is asked, how, and what others wait meanwhile; in this order. */
export type LargeCase = { name: string; work(url: string, client: Featuregraph): Promise<Answered> };

const done: Answered = { status: 200, megabytes: 0, answer: '' };

export const largeCases: readonly LargeCase[] = [
  {
    name: 'training set of 4 maps',
    work: (url, client) => jobOf(url, client, 'buildTrainingSet(ref: "mapped", refresh: NONE)'),
  },
  ...(['JSONL', 'CSV', 'ARROW'] as const).map(
    (format): LargeCase => ({
      name: `its maps as ${format}`,
      work: async (url) => downloaded(url, `/runs/${await runOf(url)}?format=${format}`),
    }),
  ),
  {
    name: 'a page of its maps',
    work: (url) => posted(url, '{ trainingSet(ref: "mapped") { latestRun { rows(first: 100) { edges { node } } } } }'),
  },
  {
    name: 'a preview of 1,000 rows of 50',
    work: (url) => posted(url, '{ source(ref: "values") { preview(limit: 1000) { rows } } }'),
  },
  {
    name: 'materialize 4 maps',
    work: (url, client) => materialized(url, client, 'spending'),
  },
  {
    name: 'online, 100 keys × 4 maps',
    work: (url) =>
      served(
        url,
        functions.map((name) => `spending:${name.toLowerCase()}`),
        100,
      ),
  },
  {
    name: 'materialize a key of 300,000 events',
    work: (url, client) => materialized(url, client, 'busy'),
  },
  { name: 'a key of 300,000 events', work: (url) => served(url, ['busy:clicks'], 2) },
  {
    name: 'a key of 300,000 events as an entity',
    work: (url) => posted(url, '{ customer(customerId: 1) { busy { clicks } } }'),
  },
];

async function runOf(url: string): Promise<string> {
  const { answer } = await posted(url, '{ trainingSet(ref: "mapped") { latestRun { id download(format: JSONL) } } }');
  return /\/runs\/([0-9a-f-]+)/.exec(answer)?.[1] ?? '';
}

function materialized(url: string, client: Featuregraph, view: string): Promise<Answered> {
  return jobOf(url, client, `materialize(views: ["${view}"], refresh: NONE)`);
}

async function jobOf(url: string, client: Featuregraph, field: string): Promise<Answered> {
  const { answer } = await posted(url, `mutation { ${field} { id } }`);
  await settled(client, /"id":"([^"]+)"/.exec(answer)?.[1] ?? '');
  return done;
}

function served(url: string, features: readonly string[], keys: number): Promise<Answered> {
  const selected = features.map((feature) => `{ feature: "${feature}" }`).join(' ');
  const values = Array.from({ length: keys }, (_, at) => at + 1).join(' ');
  return posted(
    url,
    `{ onlineFeatures(select: { features: [${selected}] }, keys: [{ joinKey: "customer_id", values: [${values}] }]) { columns { values statuses } } }`,
  );
}

export async function settled(client: Featuregraph, id: string): Promise<void> {
  for await (const { state, error } of client.jobs.watch({ ids: [id] })) {
    if (state === 'FAILED') throw new Error(error?.message);
    if (state === 'SUCCEEDED') return;
  }
}

function posted(url: string, query: string): Promise<Answered> {
  return asked(`${url}/graphql`, 'POST', JSON.stringify({ query }));
}

function downloaded(url: string, path: string): Promise<Answered> {
  return asked(`${url}${path}`, 'GET');
}

/** The answer is counted and forgotten. */
function asked(url: string, method: string, body = ''): Promise<Answered> {
  return new Promise((resolve, reject) => {
    let [bytes, answer] = [0, ''];
    const request = send(url, { method, headers: body === '' ? {} : { 'content-type': 'application/json' } });
    request.on('response', (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (answer.length < 2_000) answer += chunk;
      });
      response.on('close', () => resolve({ status: response.statusCode ?? 0, megabytes: bytes / 1e6, answer }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
