import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

/**
 * What the company's product team has: a subgraph that owns airports, their names and cities. It knows nothing of
 * features; that both name their airports by `faa` is all that the two graphs share.
 */
const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  type Query {
    "Airports by their letters, in the order given."
    airports(faa: [String!]!): [Airport]!
  }

  type Airport @key(fields: "faa") {
    faa: String!
    name: String!
    city: String!
  }
`;

type Airport = { faa: string; name: string; city: string };

const airports = new Map(
  readFileSync(new URL('airports.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line): [string, Airport] => {
      const [faa = '', name = '', city = ''] = line.split(',');
      return [faa, { faa, name, city }];
    }),
);

const resolvers = {
  Query: { airports: (_: unknown, { faa }: { faa: string[] }) => faa.map((each) => airports.get(each)) },
  Airport: { __resolveReference: ({ faa }: { faa: string }) => airports.get(faa) },
};

export async function startProductTeam(): Promise<{ name: string; url: string; stop(): Promise<void> }> {
  const server = new ApolloServer({
    schema: buildSubgraphSchema({ typeDefs: parse(sdl), resolvers }),
    plugins: [ApolloServerPluginInlineTraceDisabled()],
    stopOnTerminationSignals: false,
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  return { name: 'product', url, stop: () => server.stop() };
}
