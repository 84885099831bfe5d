import { after, describe } from 'node:test';
import { describeOfflineEqualsOnline } from './conformance/offline-equals-online.ts';
import { serverPlace } from './redis/places.ts';
import { openDuckdbProcess } from './servers/duckdb.ts';
import { openLmdbPlace } from './servers/lmdb.ts';
import { postgresForTests } from './servers/postgres.ts';
import { openPostgresOffline } from './servers/postgres-offline.ts';
import { onlinePlace } from './servers/postgres-online.ts';
import { redisForTests } from './servers/redis.ts';

const postgres = await postgresForTests();
const redis = await redisForTests();
after(async () => {
  if ('stop' in postgres) await postgres.stop();
  if ('stop' in redis) await redis.stop();
});

/** Each pair has stores of its own: on a server that pairs share, in schemas that are named after it. */
const offlineStores = [
  { name: 'DuckDB', open: openDuckdbProcess },
  'skip' in postgres
    ? { name: 'PostgreSQL', skip: postgres.skip }
    : { name: 'PostgreSQL', open: (pair: string) => openPostgresOffline(postgres.url, pair) },
];
const onlineStores = [
  { name: 'LMDB', open: openLmdbPlace },
  'skip' in postgres
    ? { name: 'PostgreSQL', skip: postgres.skip }
    : { name: 'PostgreSQL', open: async (pair: string) => onlinePlace(postgres.url, `${pair} `) },
  'skip' in redis ? { name: 'Redis', skip: redis.skip } : { name: 'Redis', open: () => serverPlace(redis) },
];

for (const offline of offlineStores) {
  for (const online of onlineStores) {
    const pair = `${offline.name} offline, ${online.name} online`;
    if ('skip' in offline) describe(pair, { skip: offline.skip }, () => {});
    else if ('skip' in online) describe(pair, { skip: online.skip }, () => {});
    else describeOfflineEqualsOnline(pair, offline.open, online.open);
  }
}
