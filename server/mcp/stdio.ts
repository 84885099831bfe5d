import type { Featuregraph } from '@featuregraph/client';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { mcpServer } from './mcp-server.ts';

/** The protocol over stdin and stdout, until whoever started this closes the first. */
export async function serveMcpOverStdio(client: Featuregraph, allowChanges: boolean): Promise<void> {
  const server = mcpServer(client, allowChanges);
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    server.onclose = resolve;
  });
  await server.connect(new StdioServerTransport());
  await ended;
  await server.close();
}
