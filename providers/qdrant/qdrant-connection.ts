import { QdrantClient } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import type { Hosts } from '../peers/hosts.ts';
import { boundedDispatcher } from './qdrant-dispatcher.ts';
import { qdrantFailure } from './qdrant-failures.ts';

export type QdrantAddress = {
  /** `http` or `https`; the port is 6333 where none is written. */
  url: string;
  apiKey?: string;
  /** After how many milliseconds without an answer a request has failed. */
  timeoutMs?: number;
  /** The hosts that it may be at; any when left out. */
  hosts?: Hosts;
};

const defaultTimeoutMs = 10_000;
/** Older servers take no notice of an upsert's `update_filter`: they would let an old point overwrite a new one. */
const oldest = { major: 1, minor: 16 };

const about = z.object({ version: z.string().regex(/^\d+\.\d+\./) });

/** Requests to one server, whose failures are told in our words. It connects by itself, whenever there is a request. */
export class QdrantConnection {
  readonly #client: QdrantClient;
  #isNewEnough = false;
  #closed = false;

  constructor(address: QdrantAddress) {
    const url = readUrl(address.url);
    this.#client = clientFor(url, address);
  }

  async ask<T>(request: (client: QdrantClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Failure('UNAVAILABLE', 'The vector store was closed.');
    try {
      return await request(this.#client);
    } catch (error) {
      throw qdrantFailure(error);
    }
  }

  /** Fails with UNSUPPORTED when the server is too old. */
  async requireVersion(): Promise<void> {
    if (this.#isNewEnough) return;
    const read = about.safeParse(await this.ask((client) => client.versionInfo()));
    if (!read.success) throw notQdrant();
    const [major = 0, minor = 0] = read.data.version.split('.').map(Number);
    if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
      const needed = `${oldest.major}.${oldest.minor}`;
      throw new Failure('UNSUPPORTED', `Qdrant is ${read.data.version}: upgrade it to ${needed} or later`);
    }
    this.#isNewEnough = true;
  }

  close(): void {
    this.#closed = true;
  }
}

export function notQdrant(): Failure {
  return new Failure('UNAVAILABLE', 'What answers is not Qdrant: check the url of the provider');
}

function readUrl(text: string): URL & { explicitPort: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = (message: string, fix: string) =>
    new Failure('INVALID_INPUT', `The url of Qdrant ${message}.`, { issues: [{ path: 'url', message, fix }] });
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw wrong('is no http or https address', 'Write it as http://localhost:6333.');
  }
  if (url.username !== '' || url.password !== '') throw wrong('holds credentials', 'Give the key as apiKey instead.');
  // A port that is the protocol's own is no longer seen in a URL that was read.
  return Object.assign(url, { explicitPort: /^https?:\/\/[^/]+:\d+/i.test(text.trim()) });
}

function clientFor(url: ReturnType<typeof readUrl>, { apiKey, timeoutMs, hosts }: QdrantAddress): QdrantClient {
  const https = url.protocol === 'https:';
  const ownPort = https ? 443 : 80;
  const port = url.port === '' ? undefined : Number(url.port);
  const client = new QdrantClient({
    host: url.hostname,
    https,
    port: port ?? (url.explicitPort ? ownPort : 6333),
    prefix: url.pathname.replace(/\/+$/, ''),
    timeout: timeoutMs ?? defaultTimeoutMs,
    checkCompatibility: false,
    // As a header the key is the same to the server; as `apiKey` the client would write a warning to the console.
    headers: { 'accept-encoding': 'identity', ...(apiKey !== undefined && { 'api-key': headerValue(apiKey) }) },
  });
  return bounded(client, hosts);
}

/** What can't be in a header would be told, whole, by the error of whoever tried. */
function headerValue(apiKey: string): string {
  if (/^[\x20-\x7e]+$/.test(apiKey)) return apiKey;
  const message = 'the secret of the apiKey holds what no key can: a line end, or a letter beyond ASCII';
  throw new Failure('NOT_READY', message, {
    issues: [{ path: 'config.qdrant.apiKey', message, fix: 'correct the secret' }],
  });
}

type Call = (payload: unknown, init?: object) => Promise<unknown>;

/**
 * The client takes no options for its requests, but the calls that it is made of do. A redirect is not followed: it would
 * take the key along, to wherever it leads.
 */
function bounded(client: QdrantClient, hosts: Hosts | undefined): QdrantClient {
  const init = { redirect: 'error', dispatcher: boundedDispatcher(hosts) };
  const calls = new Proxy(client.api(), {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      return typeof call === 'function' ? (payload: unknown) => (call as Call)(payload, init) : call;
    },
  });
  return Object.assign(client, { _openApiClient: calls });
}
