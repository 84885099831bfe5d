import { type Command, Option } from 'commander';
import { type Connected, serverAddress, withClient } from './connection.ts';
import { say } from './output.ts';

type McpOptions = Omit<Connected, 'json'> & { allowChanges?: boolean; http?: true | string; host: string };

export function addMcp(program: Command): void {
  program
    .command('mcp')
    .description('Lets agents use a server, by the Model Context Protocol: over stdin and stdout, or over HTTP.')
    .addOption(
      new Option('--url <url>', 'where the server answers; on this machine when left out').env('FEATUREGRAPH_URL'),
    )
    .addOption(new Option('--api-key <key>', 'who asks').env('FEATUREGRAPH_API_KEY'))
    .option('--allow-changes', 'with the tools that apply, materialize, push, build training sets and control jobs')
    .option('--http [port]', 'over HTTP at /mcp instead, at port 4100 when left out')
    .option('--host <host>', 'where to listen for HTTP', '127.0.0.1')
    .action(async (options: McpOptions) => {
      const { allowChanges = false } = options;
      if (options.http !== undefined) return overHttp(options, portFrom(program, options.http), allowChanges);
      const { serveMcpOverStdio } = await import('../mcp/stdio.ts');
      await withClient(options, (client) => serveMcpOverStdio(client, allowChanges));
    });
}

function portFrom(program: Command, written: true | string): number {
  const port = written === true ? 4100 : Number(written);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  return program.error(`--http takes a port, as 4100: "${written}" is none.`);
}

async function overHttp({ url, apiKey, host }: McpOptions, port: number, allowChanges: boolean): Promise<void> {
  const { startMcpOverHttp } = await import('../mcp/http.ts');
  const running = await startMcpOverHttp({ url: serverAddress(url), apiKey, host, port, allowChanges });
  say(`Agents reach featuregraph at ${running.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.close());
}
