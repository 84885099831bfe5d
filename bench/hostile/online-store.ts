import type { DefinitionInput } from '@featuregraph/client';
import { postgresForTests } from '../../test/servers/postgres.ts';
import { redisForTests } from '../../test/servers/redis.ts';

type ProviderConfig = NonNullable<DefinitionInput['provider']>['config'];

/** The provider of the online rows, what its server's process must know, and how it ends. */
export type OnlineStore = {
  config: ProviderConfig;
  variables: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
};

const secret = 'FEATUREGRAPH_SECRET_LATEST';

/** `redis` or `postgres`: a server of its own. Anything else: the embedded store. */
export async function startOnlineStore(kind: string | undefined): Promise<OnlineStore> {
  if (kind === 'redis') {
    const redis = await redisForTests();
    if ('skip' in redis) throw new Error(redis.skip);
    const { port } = await redis.startServer();
    return { config: { redis: urlFrom }, variables: urlIn(`redis://127.0.0.1:${port}`), stop: () => redis.stop() };
  }
  if (kind === 'postgres') {
    const postgres = await postgresForTests();
    if ('skip' in postgres) throw new Error(postgres.skip);
    return { config: { postgres: urlFrom }, variables: urlIn(postgres.url), stop: () => postgres.stop() };
  }
  return { config: { lmdb: { path: 'latest' } }, variables: {}, stop: async () => {} };
}

const urlFrom = { url: { env: secret } };

function urlIn(url: string): Record<string, string> {
  return { [secret]: url };
}
