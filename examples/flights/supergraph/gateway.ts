import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

export type Subgraph = { name: string; url: string };

/** How often it looks at what the subgraphs are: a feature that is registered comes into the supergraph by itself. */
const pollingMs = 5_000;

/** The one graph that the company's clients see: composed of its subgraphs, and served over HTTP. */
export async function startGateway(
  subgraphs: readonly Subgraph[],
  port: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  const runtime = createGatewayRuntime({
    supergraph: () => composeSupergraph(subgraphs),
    pollingInterval: pollingMs,
    logging: 'error',
    landingPage: false,
  });
  const server = createServer(runtime);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: given } = server.address() as AddressInfo;
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await runtime.dispose();
  };
  return { url: `http://127.0.0.1:${given}/graphql`, stop };
}

export async function composeSupergraph(subgraphs: readonly Subgraph[]): Promise<string> {
  const services = await Promise.all(
    subgraphs.map(async ({ name, url }) => ({ name, url, typeDefs: parse(await fetchSdl(url)) })),
  );
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl !== undefined) return supergraphSdl;
  throw new Error(`The subgraphs make no supergraph:\n${errors?.map(({ message }) => message).join('\n')}`);
}

/** Every subgraph tells its schema, with the directives that composing needs. */
async function fetchSdl(url: string): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const { data } = (await answer.json()) as { data: { _service: { sdl: string } } };
  return data._service.sdl;
}
