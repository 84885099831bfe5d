import type { OnlineStorePlace } from '../conformance/online-store.ts';
import { serverPlace } from '../redis/places.ts';
import { redisForTests } from './redis.ts';

/** How to open stores in a Redis server of their own, which goes with them; or the reason to skip. */
export async function redisOnline(): Promise<{ open(): Promise<OnlineStorePlace> } | { skip: string }> {
  const redis = await redisForTests();
  if ('skip' in redis) return redis;
  return { open: async () => ({ ...(await serverPlace(redis)), dispose: () => redis.stop() }) };
}
