import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Featuregraph } from '@featuregraph/client';
import { createClient } from 'graphql-ws';
import { type LogDestination, type RunningProcess, startProcess } from '../../server/process.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { beginEmbeddedRegistry } from './embedded-registry.ts';
import { ExercisedFields } from './exercised-fields.ts';
import { beginRegistry, type Registry } from './registries.ts';

/** What a GraphQL request is answered with, as it comes over the wire. */
export type Answer = {
  /** Empty where there is none. */
  data: Record<string, unknown>;
  errors?: {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; issues?: { path: string; message: string; fix?: string }[] };
  }[];
};

export type TestServer = {
  url: string;
  process: RunningProcess;
  client: Featuregraph;
  /** Where sources may read files. */
  dataRoot: string;
  dataDirectory: string;
  /** Its registry's PostgreSQL: undefined for an embedded one. */
  databaseUrl: string | undefined;
  /** The root fields that went through `graphql` and `subscribe`. */
  exercised: ExercisedFields;
  /** By HTTP. */
  graphql(query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** By graphql-ws: answers as they come, until the iteration ends. */
  subscribe(query: string, variables?: Record<string, unknown>): AsyncGenerator<Answer, void, undefined>;
  stop(): Promise<void>;
};

type Options = {
  dataDirectory?: string;
  dataRoot?: string;
  /** One that has stopped, with whose state this one goes on. What `stop` of that one takes away is needed until then. */
  after?: Pick<TestServer, 'dataDirectory' | 'dataRoot' | 'databaseUrl'>;
  worker?: boolean;
  variables?: Record<string, string>;
  log?: LogDestination;
};

/**
 * featuregraph with embedded stores, in this process, on a free port and in directories of its own. Its registry is
 * where the run keeps them, and embedded where a data directory is given that it may be in.
 */
export async function startTestServer(options: Options = {}): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'featuregraph-'));
  const dataRoot = options.dataRoot ?? options.after?.dataRoot ?? home;
  const dataDirectory = options.dataDirectory ?? options.after?.dataDirectory ?? join(home, 'state');
  const registry = await registryOf(options);
  const databaseUrl = registry?.url;
  if (databaseUrl === undefined) await beginEmbeddedRegistry(join(dataDirectory, 'registry'));
  const configuration = readConfiguration({
    FEATUREGRAPH_DATA_DIRECTORY: dataDirectory,
    FEATUREGRAPH_DATA_ROOTS: dataRoot,
    FEATUREGRAPH_PORT: '0',
    FEATUREGRAPH_AUTHENTICATION: 'none',
    FEATUREGRAPH_LOG_LEVEL: 'error',
    FEATUREGRAPH_SHUTDOWN_SECONDS: '5',
    DATABASE_URL: databaseUrl,
    ...options.variables,
  });
  const process = await startProcess(configuration, { server: true, worker: options.worker ?? true }, options.log);
  const url = process.url ?? '';
  const client = connect({ url, retries: 0 });
  const socket = createClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
  const exercised = new ExercisedFields();
  return {
    url,
    process,
    client,
    dataRoot,
    dataDirectory,
    databaseUrl,
    exercised,
    graphql: async (query, variables = {}) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
      });
      const { data, ...rest } = (await answer.json()) as Partial<Answer>;
      exercised.record(query, data, rest.errors);
      return { ...rest, data: data ?? {} };
    },
    subscribe: async function* (query, variables = {}) {
      try {
        for await (const { data, errors } of socket.iterate({ query, variables })) {
          exercised.record(query, data, errors);
          yield { data: data ?? {}, ...(errors && { errors: errors as unknown as NonNullable<Answer['errors']> }) };
        }
      } catch (refusal) {
        if (!Array.isArray(refusal)) throw refusal;
        exercised.record(query, undefined, refusal);
        yield { data: {}, errors: refusal };
      }
    },
    stop: async () => {
      await client.close();
      await socket.dispose();
      await process.stop();
      await registry?.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Undefined for an embedded registry; whose registry is given is who drops it. */
async function registryOf({ dataDirectory, after, variables }: Options): Promise<Registry | undefined> {
  const url = variables?.DATABASE_URL ?? after?.databaseUrl;
  if (url !== undefined) return { url, drop: async () => undefined };
  return dataDirectory === undefined && after === undefined ? beginRegistry() : undefined;
}
