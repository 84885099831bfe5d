import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { authorization } from '../../playground/kept-key.ts';
import { cache } from './cache.ts';
import { calmly } from './calmly.ts';
import { Freshness } from './freshness.ts';
import type { Sink } from './insistent.ts';
import { named } from './named.ts';
import { type Following, openSocket } from './socket.ts';

export type Graph = { client: Client; close(): void };

/** The graph of this server, asked by whoever's key is kept now: another key begins anew, with an empty cache. */
export function openGraph(onState: (state: Following) => void): Graph {
  const freshness = new Freshness();
  const socket = openSocket({ state: onState, begun: () => freshness.renew() });
  const client = new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: () => ({ headers: authorization() }),
    exchanges: [
      calmly,
      cache((isConcerned) => freshness.changed(isConcerned)),
      named,
      freshness.exchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables, extensions }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.follow(
              { query, variables: variables as Record<string, unknown>, extensions },
              sink as Sink,
            ),
          }),
        }),
      }),
    ],
  });
  freshness.follow(client);
  return { client, close: socket.close };
}
