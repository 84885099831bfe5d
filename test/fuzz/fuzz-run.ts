import { buildSchema } from 'graphql';
import { failureCodes } from '../../providers/contract/failure.ts';
import { requestCodes } from '../../server/format-error.ts';
import type { TestServer } from '../servers/featuregraph.ts';
import { fetchSdl } from '../servers/gateways.ts';
import { type FuzzedRequest, RequestFuzzer } from './request-fuzzer.ts';

/** What went wrong with a request, and how to draw it again. */
export type FuzzFault = { seed: number; address: string; request: FuzzedRequest; fault: string };

export type FuzzOutcome = { requests: number; faults: FuzzFault[]; codes: Map<string, number> };

const hungMs = 30_000;
const known = new Set<string>([...Object.keys(failureCodes), ...requestCodes]);

/** What a user must never read: where our code is, and what its language calls its own faults. */
const unmasked =
  /node_modules|\.ts:\d+|at async |\/work\/|\/home\/|TypeError|RangeError|ReferenceError|is not a function|Cannot read prop|SQLITE|pg_catalog/;

/** Asks a server what a seed and those after it draw, half of it at each address, some of it by WebSocket. */
export async function fuzz(server: TestServer, firstSeed: number, count: number): Promise<FuzzOutcome> {
  const outcome: FuzzOutcome = { requests: 0, faults: [], codes: new Map() };
  const addresses = ['/graphql', '/graphql', '/subgraph'];
  const schemas = new Map(
    await Promise.all(
      ['/graphql', '/subgraph'].map(async (address) => {
        const sdl = await fetchSdl(`${server.url}${address}`);
        return [address, buildSchema(withEntities(sdl), { assumeValid: true, assumeValidSDL: true })] as const;
      }),
    ),
  );
  let next = firstSeed;
  const worker = async () => {
    while (next < firstSeed + count) {
      const seed = next++;
      const address = addresses[seed % addresses.length] ?? '/graphql';
      const schema = schemas.get(address);
      if (schema === undefined) continue;
      const request = new RequestFuzzer(schema, seed).request();
      const bySocket = address === '/graphql' && seed % 10 === 0;
      const fault = bySocket
        ? await askSocket(server, request, outcome)
        : await askHttp(server, address, request, outcome);
      outcome.requests++;
      if (fault !== undefined) outcome.faults.push({ seed, address, request, fault });
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return outcome;
}

/** The SDL for composers leaves out what federation adds by itself. */
function withEntities(sdl: string): string {
  const own = 'scalar _Any\nunion _Entity = Driver\n';
  const fields = '_entities(representations: [_Any!]!): [_Entity]!';
  return /^type Query/m.test(sdl)
    ? `${sdl.replace(/^type Query[^{]*\{/m, (head) => `${head} ${fields}`)}\n${own}`
    : `${sdl}\n${own}type Query { ${fields} }`;
}

async function askHttp(
  server: TestServer,
  address: string,
  request: FuzzedRequest,
  outcome: FuzzOutcome,
): Promise<string | undefined> {
  try {
    const answer = await fetch(`${server.url}${address}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(hungMs),
    });
    const text = await answer.text();
    return answer.status >= 500 ? `status ${answer.status}: ${text.slice(0, 300)}` : faultOf(text, outcome);
  } catch (error) {
    return `no answer: ${error}`;
  }
}

async function askSocket(
  server: TestServer,
  { query, variables }: FuzzedRequest,
  outcome: FuzzOutcome,
): Promise<string | undefined> {
  const answers = server.subscribe(query, variables);
  try {
    const hung = AbortSignal.timeout(hungMs);
    const late = new Promise<never>((_, reject) => {
      hung.addEventListener('abort', () => reject(new Error('it hangs')), { once: true });
    });
    late.catch(() => undefined);
    const { value } = await Promise.race([answers.next(), late]);
    return faultOf(JSON.stringify(value ?? {}), outcome);
  } catch (error) {
    return `no answer by WebSocket: ${error}`;
  }
}

function faultOf(text: string, { codes }: FuzzOutcome): string | undefined {
  const { errors = [] } = JSON.parse(text) as { errors?: { message: string; extensions?: { code?: string } }[] };
  for (const { message, extensions } of errors) {
    const code = extensions?.code ?? 'none';
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (code === 'INTERNAL' || !known.has(code)) return `${code}: ${message}`;
  }
  const shown = unmasked.exec(JSON.stringify(errors));
  return shown === null ? undefined : `it shows "${shown[0]}": ${JSON.stringify(errors).slice(0, 300)}`;
}
