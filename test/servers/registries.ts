import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startProcess } from '../../server/process.ts';
import { readConfiguration } from '../../src/config/configuration.ts';
import { administer } from './administer.ts';
import { postgresForTests } from './postgres.ts';

/**
 * Where a run of all test files tells the PostgreSQL server that the servers under test keep their registries on.
 * `embedded`, given from outside, has the run try the embedded registry instead; a file that runs alone does too.
 */
const place = 'FEATUREGRAPH_TESTS_REGISTRIES';
const begun = 'registry_as_begun';

/** A registry of its own, in a database that goes with `drop`. */
export type Registry = { url: string; drop(): Promise<void> };

/**
 * Starts that server for the processes that this one starts, where the machine has PostgreSQL; resolves to what ends
 * it. A server under test works half as long on it as on the embedded registry, which is WebAssembly that each process
 * compiles anew.
 */
export async function keepRegistries(): Promise<() => Promise<void>> {
  if (process.env[place] !== undefined) return async () => undefined;
  const server = await postgresForTests({ max_connections: '400' });
  if ('skip' in server) return async () => undefined;
  process.env[place] = server.url;
  return () => server.stop();
}

/** A new server's registry and queue, which nobody else has; undefined where registries are embedded. */
export async function beginRegistry(): Promise<Registry | undefined> {
  const server = process.env[place];
  if (server === undefined || server === 'embedded') return undefined;
  await makeBegun(server);
  const name = `registry_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `CREATE DATABASE ${name} TEMPLATE ${begun}`);
  const drop = async () => {
    await administer(server, `DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { url: databaseOf(server, name), drop };
}

/** Makes what all begin with, but for the first that asks in a run: the others wait for it. */
async function makeBegun(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(1)');
    const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [begun]);
    if (rows.length > 0) return;
    const making = `${begun}_soon`;
    await client.query(`CREATE DATABASE ${making}`);
    await startAndStop(databaseOf(server, making));
    await client.query(`ALTER DATABASE ${making} RENAME TO ${begun}`);
  } finally {
    await client.end();
  }
}

async function startAndStop(url: string): Promise<void> {
  const configuration = readConfiguration({ DATABASE_URL: url, FEATUREGRAPH_LOG_LEVEL: 'error' });
  const started = await startProcess(configuration, { server: false, worker: true });
  await started.stop();
}

function databaseOf(server: string, name: string): string {
  const address = new URL(server);
  address.pathname = `/${name}`;
  return address.href;
}
