import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { PGliteDialect } from 'kysely';
import { fromPglite } from 'pg-boss';
import { turn } from '../turns.ts';
import type { DatabaseEngine } from './database-engine.ts';
import { lockDirectory } from './directory-lock.ts';

type Query = PGlite['query'];

/** PGlite answers on this thread, within microtasks: many queries in a row would let nothing else come in between. */
function queriedInTurns(query: Query): Query {
  return async <T>(...asked: Parameters<Query>) => {
    await turn();
    return query<T>(...asked);
  };
}

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
    const transaction = pglite.transaction.bind(pglite);
    pglite.query = queriedInTurns(pglite.query.bind(pglite));
    pglite.transaction = (work) =>
      transaction((own) => {
        own.query = queriedInTurns(own.query.bind(own));
        return work(own);
      });
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
