import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { freePort } from './free-port.ts';
import type { TestServer } from './postgres.ts';

/** A database with pgvector, and how many connections a store may have to it. */
export type PgvectorServer = TestServer & { maxConnections: number };

/**
 * The server of `PGVECTOR_URL`, where tests make schemas and drop them; otherwise PGlite behind a socket. All
 * connections to PGlite are one session, in which statements of two that run at once would mix: each store has one.
 */
export async function pgvectorForTests(): Promise<PgvectorServer> {
  const url = process.env.PGVECTOR_URL;
  if (url !== undefined && url !== '') return { url, maxConnections: 4, stop: async () => undefined };
  return servePglite(await PGlite.create({ extensions: { vector } }));
}

/** A database whose server has no such extension. */
export async function withoutPgvector(): Promise<PgvectorServer> {
  return servePglite(await PGlite.create());
}

/** A database that has the extension, in which it is not created, and whose user may not create it. */
export async function limitedPgvector(): Promise<PgvectorServer> {
  const db = await PGlite.create({ extensions: { vector } });
  await db.exec('CREATE ROLE limited; SET SESSION AUTHORIZATION limited');
  return servePglite(db);
}

async function servePglite(db: PGlite): Promise<PgvectorServer> {
  const port = await freePort();
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 20 });
  await server.start();
  const stop = async () => {
    await server.stop();
    await db.close();
  };
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`, maxConnections: 1, stop };
}
