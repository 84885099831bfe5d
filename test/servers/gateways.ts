import { composeServices as composeWithApollo } from '@apollo/composition';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeServices as composeWithGuild } from '@theguild/federation-composition';
import { type DocumentNode, parse } from 'graphql';
import type { Answer } from './featuregraph.ts';

export type Subgraph = { name: string; url: string };

/** What a gateway asked a subgraph, as it went over the wire. */
export type SubgraphRequest = {
  subgraph: string;
  query: string;
  variables: Record<string, unknown>;
  headers: Record<string, string>;
};

export type GatewayAnswer = Answer & { requests: readonly SubgraphRequest[] };

export type SubgraphAnswer = Answer & { extensions?: Record<string, unknown> };

export type Gateway = {
  /** One request at a time: what is sent to subgraphs meanwhile is taken to be for it. */
  query(document: string, variables?: Record<string, unknown>): Promise<GatewayAnswer>;
  stop(): Promise<void>;
};

/** A subgraph as a composer sees it. */
export type ServiceDefinition = Subgraph & { typeDefs: DocumentNode };

/** A gateway with the composer that its makers go by. */
export type GatewayKind = {
  name: string;
  /** The supergraph, or what keeps the subgraphs from being one. */
  compose(services: ServiceDefinition[]): { supergraph: string } | { errors: string[] };
  start(subgraphs: readonly Subgraph[]): Promise<Gateway>;
};

export const gatewayKinds: readonly GatewayKind[] = [
  { name: 'Apollo', compose: composedBy(composeWithApollo), start: startApolloGateway },
  { name: 'Hive', compose: composedBy(composeWithGuild), start: startHiveGateway },
];

// Where it is on, the gateway reports its use to its makers.
process.env.APOLLO_TELEMETRY_DISABLED = 'true';

export async function startApolloGateway(subgraphs: readonly Subgraph[]): Promise<Gateway> {
  const recorder = new SubgraphRequests(subgraphs);
  const gateway = new ApolloGateway({
    supergraphSdl: await supergraphOf(subgraphs, composedBy(composeWithApollo)),
    buildService: ({ url }) =>
      new RemoteGraphQLDataSource({ ...(url !== undefined && { url }), fetcher: recorder.fetch }),
    logger: silent,
  });
  const server = new ApolloServer({ gateway, logger: silent, stopOnTerminationSignals: false });
  await server.start();
  const query = (document: string, variables: Record<string, unknown>) =>
    server.executeOperation({ query: document, variables }).then(({ body }) => {
      if (body.kind !== 'single') throw new Error('the gateway answered in parts');
      return body.singleResult;
    });
  return {
    query: (...request) => recorder.during(() => query(request[0], request[1] ?? {})),
    stop: () => server.stop(),
  };
}

export async function startHiveGateway(subgraphs: readonly Subgraph[]): Promise<Gateway> {
  const recorder = new SubgraphRequests(subgraphs);
  const runtime = createGatewayRuntime({
    supergraph: await supergraphOf(subgraphs, composedBy(composeWithGuild)),
    fetchAPI: { fetch: recorder.fetch },
    logging: false,
    landingPage: false,
    graphiql: false,
  });
  const query = async (document: string, variables: Record<string, unknown>) => {
    const answer = await runtime.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document, variables }),
    });
    return answer.json();
  };
  return {
    query: (...request) => recorder.during(() => query(request[0], request[1] ?? {})),
    stop: async () => runtime.dispose(),
  };
}

/** As `rover subgraph introspect` does it. */
export async function serviceDefinition({ name, url }: Subgraph, federation?: string): Promise<ServiceDefinition> {
  return { name, url, typeDefs: parse(await fetchSdl(url, federation)) };
}

/** As the server is configured, or for a version of federation. */
export async function fetchSdl(url: string, federation?: string): Promise<string> {
  const argument = federation === undefined ? '' : `(federation: "${federation}")`;
  const { data } = await askSubgraph(url, `{ _service { sdl${argument} } }`);
  return (data._service as { sdl: string }).sdl;
}

/** As a gateway asks. */
export async function askSubgraph(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<SubgraphAnswer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, ...rest } = (await answer.json()) as Partial<SubgraphAnswer>;
  return { ...rest, data: data ?? {} };
}

async function supergraphOf(subgraphs: readonly Subgraph[], compose: GatewayKind['compose']): Promise<string> {
  const composed = compose(await Promise.all(subgraphs.map((one) => serviceDefinition(one))));
  if ('errors' in composed) throw new Error(`The subgraphs do not compose:\n${composed.errors.join('\n')}`);
  return composed.supergraph;
}

type Composer = (services: ServiceDefinition[]) => {
  supergraphSdl?: string | undefined;
  errors?: readonly { message: string }[] | undefined;
};

function composedBy(composer: Composer): GatewayKind['compose'] {
  return (services) => {
    const { supergraphSdl, errors = [] } = composer(services);
    return supergraphSdl === undefined
      ? { errors: errors.map(({ message }) => message) }
      : { supergraph: supergraphSdl };
  };
}

type SentRequest = { method?: string; headers?: HeadersInit; body?: unknown };

/** Stands between a gateway and its subgraphs, and keeps what goes through. */
class SubgraphRequests {
  readonly #names: ReadonlyMap<string, string>;
  #requests: SubgraphRequest[] = [];

  constructor(subgraphs: readonly Subgraph[]) {
    this.#names = new Map(subgraphs.map(({ name, url }) => [url, name]));
  }

  readonly fetch = async (url: string, init: SentRequest = {}): Promise<Response> => {
    const body = String(init.body);
    const { query, variables = {} } = JSON.parse(body) as Pick<SubgraphRequest, 'query' | 'variables'>;
    const headers = new Headers(init.headers);
    const subgraph = this.#names.get(url) ?? url;
    this.#requests.push({ subgraph, query, variables, headers: Object.fromEntries(headers) });
    return fetch(url, { method: init.method ?? 'POST', headers, body });
  };

  async during(ask: () => Promise<unknown>): Promise<GatewayAnswer> {
    this.#requests = [];
    const { data, ...rest } = (await ask()) as Partial<Answer>;
    // Answers that were built in this process have objects without prototypes.
    return structuredClone({ ...rest, data: data ?? {}, requests: this.#requests });
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
