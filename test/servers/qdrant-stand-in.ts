/*
 * A test double of a Qdrant server 1.18.3: it speaks the part of the HTTP API that the adapter uses, keeps all in
 * memory, and looks at every vector of a collection to find the nearest. It refuses what the server refuses, in its
 * words; `test/qdrant-stand-in.test.ts` holds it to what a real server was recorded to answer. It is no database.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { StandInCatalog } from '../qdrant/stand-in-catalog.ts';
import { collectionInfo } from '../qdrant/stand-in-info.ts';
import { onePoint, pointReads, pointWrites } from '../qdrant/stand-in-points.ts';
import { Refusal, readBody } from '../qdrant/stand-in-reading.ts';
import { changeAliases, createCollection } from '../qdrant/stand-in-requests.ts';

export type QdrantStandIn = {
  url: string;
  /** What was asked, as `METHOD /path`, in order. */
  requests: string[];
  /** Called before a request is answered. When it fails, the connection is cut, and nothing is done. */
  beforeAnswer: (request: string) => Promise<void> | void;
  stop(): Promise<void>;
};

type StandInKeys = { apiKey?: string; readOnlyApiKey?: string };
type Answer = { status: number; type?: string; body: string };
type Asked = { method: string; path: string; text: string; wait: boolean; mayWrite: boolean };

export async function startQdrantStandIn(keys: StandInKeys = {}): Promise<QdrantStandIn> {
  const catalog = new StandInCatalog();
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const standIn: QdrantStandIn = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    beforeAnswer: () => {},
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const { pathname: path, searchParams } = new URL(url, standIn.url);
    const text = await readText(request);
    standIn.requests.push(`${method} ${path}`);
    try {
      await standIn.beforeAnswer(`${method} ${path}`);
    } catch {
      request.socket.destroy();
      return;
    }
    const { status, type, body } =
      openAnswer(method, path) ??
      keyRefusal(request, keys) ??
      answer(catalog, {
        ...{ method, path, text },
        wait: searchParams.get('wait') === 'true',
        mayWrite: keys.apiKey === undefined || keyOf(request) === keys.apiKey,
      });
    response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
  }

  return standIn;
}

const json = 'application/json';
const plain = 'text/plain; charset=utf-8';

/** What is answered without a key. */
function openAnswer(method: string, path: string): Answer | undefined {
  if (method !== 'GET') return undefined;
  const about = { title: 'qdrant - vector search engine', version: '1.18.3', commit: '0'.repeat(40) };
  if (path === '/') return { status: 200, type: json, body: JSON.stringify(about) };
  if (path === '/healthz') return { status: 200, type: plain, body: 'healthz check passed' };
  if (path === '/readyz') return { status: 200, type: plain, body: 'all shards are ready' };
  return undefined;
}

function keyRefusal(request: IncomingMessage, { apiKey, readOnlyApiKey }: StandInKeys): Answer | undefined {
  if (apiKey === undefined) return undefined;
  const given = keyOf(request);
  if (given === undefined) return { status: 401, body: 'Must provide an API key or an Authorization bearer token' };
  return given === apiKey || given === readOnlyApiKey ? undefined : { status: 401, body: 'Invalid API key or JWT' };
}

function keyOf({ headers }: IncomingMessage): string | undefined {
  const key = headers['api-key'] ?? /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
  return Array.isArray(key) ? key[0] : key;
}

const nothingHere: Answer = { status: 404, body: '' };

function answer(catalog: StandInCatalog, asked: Asked): Answer {
  try {
    const work = catalogWork(catalog, asked) ?? pointsWork(catalog, asked);
    if (work === undefined) return nothingHere;
    return { status: 200, type: json, body: JSON.stringify({ result: work(), status: 'ok', time: 0 }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, type: json, body: JSON.stringify({ status: { error: error.message }, time: 0 }) };
  }
}

type Work = (() => unknown) | undefined;

function catalogWork(catalog: StandInCatalog, { method, path, text, mayWrite }: Asked): Work {
  const manage = (work: () => void) => () => {
    if (!mayWrite) throw new Refusal(403, 'Forbidden: Global manage access is required');
    work();
    return true;
  };
  if (`${method} ${path}` === 'POST /collections/aliases') {
    return manage(() => catalog.changeAliases(readBody(changeAliases, text).actions));
  }
  const [name, tail] = collectionAndTail(path);
  const works: Record<string, () => unknown> = {
    'GET /collections': () => ({ collections: [...catalog.collections.keys()].sort().map((one) => ({ name: one })) }),
    'GET /aliases': () => ({ aliases: catalog.aliases() }),
    ...(name !== '' &&
      tail === '' && {
        [`GET ${path}`]: () => collectionInfo(catalog.collection(name)),
        [`PUT ${path}`]: manage(() => catalog.create(name, readBody(createCollection, text))),
        [`DELETE ${path}`]: () => manage(() => catalog.collections.has(name))() && catalog.delete(name),
      }),
    [`GET /collections/${encodeURIComponent(name)}/exists`]: () => ({ exists: catalog.collections.has(name) }),
    [`GET /collections/${encodeURIComponent(name)}/aliases`]: () => ({ aliases: catalog.aliases(name) }),
  };
  return works[`${method} ${path}`];
}

function pointsWork(catalog: StandInCatalog, { method, path, text, wait, mayWrite }: Asked): Work {
  const [name, tail] = collectionAndTail(path);
  const write = pointWrites[`${method} ${tail}`];
  const read = pointReads[`${method} ${tail}`] ?? (/^GET points\/[^/]+$/.test(`${method} ${tail}`) && onePoint);
  const work = write ?? read;
  if (!work) return undefined;
  return () => {
    if (write && !mayWrite) throw new Refusal(403, `Forbidden: Write access to collection ${name} is required`);
    return work({ collection: catalog.resolve(name), tail, text, wait });
  };
}

/** `/collections/<name>/<tail>` in its parts. */
function collectionAndTail(path: string): [name: string, tail: string] {
  const [, name = '', tail = ''] = /^\/collections\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
  return [decodeURIComponent(name), tail];
}
