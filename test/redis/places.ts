import { Redis } from 'ioredis';
import { packRow, rowLayout, unpackValue } from '../../providers/contract/online-row.ts';
import type { OnlineStore, RowWrite } from '../../providers/contract/online-store.ts';
import { scalar } from '../../providers/contract/value-type.ts';
import { openRedisOnlineStore } from '../../providers/redis/redis-online-store.ts';
import type { OnlineStorePlace } from '../conformance/online-store.ts';
import type { RedisForTests, RedisServer } from '../servers/redis.ts';

/** A server of its own; all of a file's servers go together. */
export async function serverPlace(redis: RedisForTests): Promise<OnlineStorePlace> {
  const server = await redis.startServer();
  return { open: (project) => openOn(server, project), dispose: async () => {} };
}

export async function clusterPlace(redis: RedisForTests): Promise<OnlineStorePlace> {
  const nodes = (await redis.startCluster()).map(({ port }) => ({ host: '127.0.0.1', port }));
  return { open: (project) => openRedisOnlineStore({ nodes, cluster: true, project }), dispose: async () => {} };
}

export function openOn({ port }: RedisServer, project = 'shop'): Promise<OnlineStore> {
  return openRedisOnlineStore({ nodes: [{ host: '127.0.0.1', port }], cluster: false, project });
}

/** A client that looks at what is really there, past the store. */
export function client({ port }: RedisServer, password?: string): Redis {
  const redis = new Redis({ host: '127.0.0.1', port, ...(password !== undefined && { password }) });
  // Servers are killed while it is connected.
  redis.on('error', () => {});
  return redis;
}

export const trips = { entity: 'driver', view: 'trips' };
export const ratings = { entity: 'driver', view: 'ratings' };

const layout = rowLayout([scalar('INT64')]);

export function keyOf(at: number): Buffer {
  return Buffer.from(`key ${at}`);
}

/** The row of a key that happened at `version`, which is also its value. */
export function rowOf(at: number, version: number, keepForMs?: number): RowWrite {
  const times = { eventTimestamp: BigInt(version), createdTimestamp: null };
  const row = packRow(layout, { ...times, values: [BigInt(version)] });
  return { key: keyOf(at), row, ...(keepForMs !== undefined && { keepForMs }) };
}

/** The versions of the first `count` keys. */
export async function versions(store: OnlineStore, count: number, address = trips): Promise<(number | undefined)[]> {
  const keys = Array.from({ length: count }, (_, at) => keyOf(at));
  const [answer] = await store.read([{ entity: address.entity, keys, views: [address.view] }]);
  return (answer?.rows ?? []).map(([row]) => (row === undefined ? undefined : Number(unpackValue(layout, row, 0))));
}

export function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}
