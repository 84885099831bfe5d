import { type Client, createClient } from 'graphql-ws';
import { errorFrom, FeaturegraphError } from './errors.ts';
import { type DocumentsSent, sentDocument } from './named-documents.ts';

export type ConnectionOptions = {
  /** The server's address, as http://127.0.0.1:4000. */
  url: string;
  /** Who asks: recorded with what is started. */
  user?: string;
  /** `ids` where the client's manifest, generated/documents.json, is published: for servers that run nothing else. */
  documents?: DocumentsSent;
};

/** Queries and mutations by HTTP, subscriptions by graphql-ws on the same path. */
export type Transport = {
  request<R>(query: string, variables: unknown): Promise<R>;
  /** Events until the iteration is ended or the connection is closed; it reconnects by itself, and then starts anew. */
  subscribe<R>(query: string, variables: unknown): AsyncIterableIterator<R>;
  close(): Promise<void>;
};

export function openTransport({ url, user, documents }: ConnectionOptions): Transport {
  const endpoint = new URL('/graphql', url);
  const socketAddress = new URL(endpoint);
  socketAddress.protocol = endpoint.protocol.replace('http', 'ws');
  let socket: Promise<Client> | undefined;
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(user !== undefined && { 'x-featuregraph-user': user }),
  };

  return {
    async request<R>(query: string, variables: unknown): Promise<R> {
      const answer = await fetch(endpoint, {
        method: 'POST',
        headers,
        body: JSON.stringify({ ...sentDocument(query, documents), variables }),
      }).catch((cause: unknown) => {
        throw unreachable(url, cause);
      });
      const { data, errors } = await readAnswer<R>(answer);
      if (errors !== undefined && errors.length > 0) throw errorFrom(errors);
      return data;
    },
    async *subscribe<R>(query: string, variables: unknown): AsyncGenerator<R, void, undefined> {
      socket ??= openSocket(socketAddress.href);
      const events = (await socket).iterate<R>({
        ...sentDocument(query, documents),
        variables: variables as Record<string, unknown>,
      });
      for await (const { data, errors } of events) {
        if (errors !== undefined && errors.length > 0) throw errorFrom(errors);
        if (data !== undefined && data !== null) yield data;
      }
    },
    async close() {
      await (await socket)?.dispose();
    },
  };
}

/** Browsers and newer versions of Node have WebSockets of their own; Node 20 has none. */
async function openSocket(url: string): Promise<Client> {
  const webSocketImpl: unknown = globalThis.WebSocket ?? (await import('ws')).WebSocket;
  return createClient({ url, lazy: true, retryAttempts: 5, webSocketImpl });
}

type Answer<R> = { data: R; errors?: readonly unknown[] };

async function readAnswer<R>(answer: Response): Promise<Answer<R>> {
  const text = await answer.text();
  try {
    return JSON.parse(text) as Answer<R>;
  } catch {
    throw new FeaturegraphError('UNAVAILABLE', `The server answered with status ${answer.status} and no JSON.`);
  }
}

function unreachable(url: string, cause: unknown): FeaturegraphError {
  const error = new FeaturegraphError('UNAVAILABLE', `No server answers at ${url}.`);
  error.cause = cause;
  return error;
}
