import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionInput, FeatureInput, ProviderConfig } from '@featuregraph/client';
import { settleJobs } from './drivers-world.ts';
import { startTestServer, type TestServer } from './featuregraph.ts';
import { airportCode, largeDriverId } from './product-team.ts';

/** How many airports have features. */
export const knownAirports = 1_000;

/** What is stored of the airport of an index. */
export function airportDelays(index: number) {
  return { meanDelay: index / 4, flights: 3 * index };
}

const feature = (name: string, type: string, rest: Partial<FeatureInput> = {}): FeatureInput => ({
  name,
  type,
  ...rest,
});

const entities: DefinitionInput[] = [
  { entity: { name: 'airport', description: 'An airport, by its code.', joinKeys: [{ name: 'faa', type: 'STRING' }] } },
  {
    entity: {
      name: 'chauffeur',
      joinKeys: [{ name: 'driver_id', type: 'INT64' }],
      graphql: { type: 'Driver', keys: [{ joinKey: 'driver_id', field: 'id' }] },
    },
  },
  {
    entity: {
      name: 'plane',
      joinKeys: [{ name: 'tailnum', type: 'STRING' }],
      graphql: {
        keys: [
          { joinKey: 'tailnum', field: 'tailnum' },
          { joinKey: 'tailnum', field: 'registration' },
        ],
      },
    },
  },
  {
    entity: {
      name: 'route',
      joinKeys: [
        { name: 'origin', type: 'STRING' },
        { name: 'dest', type: 'STRING' },
      ],
    },
  },
];

const views: DefinitionInput[] = [
  {
    featureView: {
      name: 'airport_delays',
      graphqlName: 'delays',
      description: 'How late flights come in.',
      owner: 'punctuality@example.com',
      tags: ['public'],
      entity: 'airport',
      source: 'airport_delays',
      onlineStore: 'latest',
      eventTimestamp: 'seen_at',
      features: [
        feature('mean_delay', 'FLOAT64', { description: 'In minutes.', tags: ['partners'] }),
        feature('flights', 'INT64', { deprecated: 'Count them yourself.' }),
      ],
    },
  },
  {
    featureView: {
      name: 'airport_profile',
      graphqlName: 'profile',
      tags: ['internal'],
      entity: 'airport',
      source: 'airport_profile',
      onlineStore: 'steady',
      vectorStore: 'neighbours',
      eventTimestamp: 'seen_at',
      features: [feature('rhythm', 'VECTOR(2, L2)'), feature('size', 'INT64')],
    },
  },
  {
    featureView: {
      name: 'chauffeur_stats',
      graphqlName: 'stats',
      entity: 'chauffeur',
      source: 'chauffeur_stats',
      onlineStore: 'steady',
      eventTimestamp: 'seen_at',
      features: [feature('trips', 'INT64'), feature('rating', 'FLOAT64')],
    },
  },
  {
    featureView: {
      name: 'plane_facts',
      graphqlName: 'facts',
      entity: 'plane',
      source: 'plane_facts',
      onlineStore: 'steady',
      features: [feature('seats', 'INT64')],
    },
  },
  {
    featureView: {
      name: 'route_times',
      graphqlName: 'times',
      entity: 'route',
      source: 'route_times',
      onlineStore: 'steady',
      eventTimestamp: 'seen_at',
      features: [feature('minutes', 'INT64')],
    },
  },
];

/** `latest` may be a store that a test breaks; all but the delays of airports is kept in another one. */
export function federationWorld(latest: ProviderConfig = { lmdb: { path: 'latest' } }): DefinitionInput[] {
  const provider = (name: string, config: ProviderConfig): DefinitionInput => ({ provider: { name, config } });
  return [
    provider('warehouse', { duckdb: { threads: 1 } }),
    provider('latest', latest),
    provider('steady', { lmdb: { path: 'steady' } }),
    provider('neighbours', { usearch: { path: 'neighbours' } }),
    ...entities,
    ...['airport_delays', 'airport_places', 'chauffeur_stats', 'plane_facts', 'route_times'].map(
      (name): DefinitionInput => ({
        source: { name, files: { paths: [`${name}.csv`] }, provider: 'warehouse' },
      }),
    ),
    {
      source: {
        name: 'airport_profile',
        transformation: {
          sql: 'select faa, seen_at, size, [cast(x as float), cast(0 as float)] as rhythm from {{ airport_places }}',
        },
      },
    },
    ...views,
  ];
}

/** featuregraph with everything materialized that another team's subgraph speaks of. */
export async function startFederationWorld(
  options: { latest?: ProviderConfig; variables?: Record<string, string> } = {},
): Promise<TestServer> {
  const server = await startTestServer({ variables: options.variables ?? {} });
  for (const [name, rows] of Object.entries(files()))
    await writeFile(join(server.dataRoot, `${name}.csv`), `${rows.join('\n')}\n`);
  await server.client.apply(federationWorld(options.latest));
  const failed = await settleJobs(server, 60);
  if (failed.length > 0) throw new Error(failed.join('\n'));
  return server;
}

function files(): Record<string, string[]> {
  const at = '2024-01-02T10:00:00';
  const indexes = Array.from({ length: knownAirports }, (_, index) => index);
  return {
    airport_delays: [
      'faa,seen_at,mean_delay,flights',
      ...indexes.map((index) => [airportCode(index), at, ...Object.values(airportDelays(index))].join(',')),
    ],
    airport_places: [
      'faa,seen_at,x,size',
      ...indexes.slice(0, 20).map((index) => `${airportCode(index)},${at},${index},${100 + index}`),
    ],
    chauffeur_stats: ['driver_id,seen_at,trips,rating', `1,${at},5,4.5`, `2,${at},7,`, `${largeDriverId},${at},9,3.25`],
    plane_facts: ['tailnum,seats', 'N1,100', 'N2,200'],
    route_times: ['origin,dest,seen_at,minutes', `A0000,A0001,${at},55`, `A0001,A0000,${at},60`],
  };
}
