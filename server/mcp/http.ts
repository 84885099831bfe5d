import type { AddressInfo } from 'node:net';
import { connect } from '@featuregraph/client';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import Fastify from 'fastify';
import { readConfiguration } from '../../src/config/configuration.ts';
import { isThisMachine } from '../../src/stores/postgres-address.ts';
import { answerRefusals } from '../answer-refusals.ts';
import { guardBrowsers } from '../web-access.ts';
import { mcpServer } from './mcp-server.ts';

export type McpOverHttp = {
  /** The server that is asked. */
  url: string;
  /** Asks for whoever brings no credential, as long as only this machine reaches us. */
  apiKey: string | undefined;
  allowChanges: boolean;
  host: string;
  /** 0 for any free one. */
  port: number;
};

/**
 * The protocol over HTTP, at `/mcp`. Each request stands for itself, so that any number of processes answer, and asks the
 * server with its own `Authorization`: an agent may do what its key may, wherever this runs.
 */
export async function startMcpOverHttp(options: McpOverHttp): Promise<{ url: string; close(): Promise<void> }> {
  const { url, apiKey, allowChanges, host, port } = options;
  const configuration = { ...readConfiguration(process.env), host };
  const lent = isThisMachine(host) ? apiKey : undefined;
  const http = Fastify({ bodyLimit: configuration.limits.bulkBodyBytes, forceCloseConnections: true });
  answerRefusals(http, configuration.limits);
  await guardBrowsers(http, configuration);
  http.post('/mcp', async (request, reply) => {
    const key = /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? lent;
    const client = connect({ url, ...(key !== undefined && { apiKey: key }) });
    const server = mcpServer(client, allowChanges);
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    reply.raw.once('close', () => {
      void server.close();
      void client.close();
    });
    await server.connect(transport as Transport);
    reply.hijack();
    await transport.handleRequest(request.raw, reply.raw, request.body);
  });
  // Without sessions there is nothing to listen to, and none to end.
  http.route({
    method: ['GET', 'DELETE'],
    url: '/mcp',
    handler: (_request, reply) => reply.code(405).header('allow', 'POST').send(),
  });
  await http.listen({ host, port });
  const { port: bound } = http.server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/mcp`, close: () => http.close() };
}
