import type { Featuregraph } from '@featuregraph/client';
import { type Command, Option } from 'commander';

/** What every command that asks a server can be told. */
export type Connected = { url?: string; apiKey?: string; json?: boolean };

/** Adds the options of a command that asks a server. */
export function connected(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'where the server answers; on this machine when left out').env('FEATUREGRAPH_URL'),
    )
    .addOption(new Option('--api-key <key>', 'who asks').env('FEATUREGRAPH_API_KEY'))
    .option('--json', 'print JSON, for programs');
}

/** Work with a client, which ends with it. */
export async function withClient<T>(
  { url, apiKey }: Connected,
  work: (client: Featuregraph) => Promise<T>,
): Promise<T> {
  const { connect } = await import('@featuregraph/client');
  const address = url ?? `http://127.0.0.1:${process.env.FEATUREGRAPH_PORT ?? 4000}`;
  const client = connect({ url: address, ...(apiKey !== undefined && { apiKey }) });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** The server of this very process, with the credentials of its environment. */
export function reaching(url: string): Connected {
  const { FEATUREGRAPH_API_KEY: apiKey } = process.env;
  return { url, ...(apiKey !== undefined && { apiKey }) };
}
