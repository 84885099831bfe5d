import { Failure } from '../../providers/contract/failure.ts';

const timeoutMs = 10_000;

/** Who asks, and for which version of federation: the server's own when left out. */
export type SchemaRequest = { apiKey?: string | undefined; federation?: string | undefined };

/** The SDL that a server gives a composer: of the subgraph alone, or of the full graph. */
export async function servedSchema(
  url: string,
  part: 'graphql' | 'subgraph',
  { apiKey, federation }: SchemaRequest = {},
): Promise<string> {
  const answer = await fetch(new URL(part, url.endsWith('/') ? url : `${url}/`), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({
      query: `{ _service { sdl${federation === undefined ? '' : `(federation: "${federation}")`} } }`,
    }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body: unknown = await answer.json().catch(() => undefined);
  const sdl = sdlOf(body);
  if (sdl !== undefined) return sdl;
  if (answer.status === 401)
    throw new Failure('UNAUTHENTICATED', `${url} asks for a key: give it as FEATUREGRAPH_API_KEY.`);
  throw new Failure('UNAVAILABLE', `${url} answers, but is no featuregraph server (HTTP status ${answer.status}).`);
}

function sdlOf(body: unknown): string | undefined {
  const data = property(body, 'data');
  const sdl = property(property(data, '_service'), 'sdl');
  return typeof sdl === 'string' ? sdl : undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
