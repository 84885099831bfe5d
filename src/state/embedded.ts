import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGliteDialect } from 'kysely';
import { fromPglite } from 'pg-boss';
import { turn } from '../turns.ts';
import type { DatabaseEngine } from './database-engine.ts';
import { lockDirectory } from './directory-lock.ts';

/** Opens PGlite, loaded only now: who has a Postgres server never pays for it. */
export async function openEmbedded(directory: string): Promise<DatabaseEngine> {
  await mkdir(directory, { recursive: true });
  const unlock = await lockDirectory(directory);
  try {
    const [{ PGlite }, { pg_trgm }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('@electric-sql/pglite/contrib/pg_trgm'),
    ]);
    const pglite = await PGlite.create(join(directory, 'pglite'), { extensions: { pg_trgm } });
    const query = pglite.query.bind(pglite);
    // It answers on this thread, within microtasks: many queries in a row would let nothing else come in between.
    pglite.query = async <T>(...asked: Parameters<typeof query>) => {
      await turn();
      return query<T>(...asked);
    };
    return {
      dialect: new PGliteDialect({ pglite }),
      embedded: true,
      executor: fromPglite(pglite),
      listen: (channel, onPayload) => listen(channel, onPayload),
      close: async () => {
        if (!pglite.closed) await pglite.close();
        await unlock();
      },
    };

    async function listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> {
      const unlisten = await pglite.listen(channel, onPayload);
      return async () => {
        if (!pglite.closed) await unlisten();
      };
    }
  } catch (error) {
    await unlock();
    throw error;
  }
}
