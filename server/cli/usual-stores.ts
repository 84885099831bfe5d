import { duckdb, lmdb, usearch } from '@featuregraph/client';
import { reaching, withClient } from './connection.ts';

/** A registry without any provider gets those that need no server, so that a first definition has where to be kept. */
export async function registerUsualStores(url: string): Promise<void> {
  await withClient(reaching(url), async (client) => {
    for await (const _any of client.resources({ kinds: ['PROVIDER'] })) return;
    await client.apply([duckdb(), lmdb(), usearch()]);
  });
}
