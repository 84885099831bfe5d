import type { Featuregraph } from '@featuregraph/client';
import { type Command, Option } from 'commander';
import type { Placing } from './told-errors.ts';

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

/** Work with a client, which ends with it. What the server refuses is told by where a user has written it. */
export async function withClient<T>(
  { url, apiKey }: Connected,
  work: (client: Featuregraph) => Promise<T>,
  placing?: Placing,
): Promise<T> {
  const { connect, FeaturegraphError } = await import('@featuregraph/client');
  if (apiKey !== undefined) (await import('./required-key.ts')).requireKey(apiKey);
  let client: Featuregraph | undefined;
  try {
    client = connect({ url: serverAddress(url), ...(apiKey !== undefined && { apiKey }) });
    return await work(client);
  } catch (error) {
    if (!(error instanceof FeaturegraphError)) throw error;
    throw await (await import('./told-errors.ts')).toldFailure(error, placing);
  } finally {
    await client?.close();
  }
}

/** Where a server is asked: on this machine, unless told. */
export function serverAddress(url: string | undefined): string {
  return url ?? `http://127.0.0.1:${process.env.FEATUREGRAPH_PORT ?? 4000}`;
}

/** The server of this very process, with the credentials of its environment. */
export function reaching(url: string): Connected {
  const { FEATUREGRAPH_API_KEY: apiKey } = process.env;
  return { url, ...(apiKey !== undefined && { apiKey }) };
}
