import { PostgresDialect } from 'kysely';
import pg from 'pg';
import { PostgresClient } from '../../providers/peers/postgres-client.ts';
import type { DatabaseEngine, StateLogger } from './database-engine.ts';
import { PostgresListener } from './postgres-listener.ts';
import { preparingPool } from './prepared-statements.ts';

const connectTimeoutMs = 10_000;
const int8 = 20;

export function openPostgres(url: string, connections: number, logger?: StateLogger): DatabaseEngine {
  const connection = {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    // The system's own delay before it asks a silent server is two hours.
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'featuregraph',
    Client: PostgresClient,
  };
  const pool = new pg.Pool({ ...connection, max: connections, types: { getTypeParser } });
  // Without a listener, an idle connection that the server ends would end the process.
  pool.on('error', (error) => logger?.warn({ error }, 'an idle connection to Postgres was lost'));
  const listener = new PostgresListener(connection, logger);
  return {
    dialect: new PostgresDialect({ pool: preparingPool(pool) }),
    embedded: false,
    executor: {
      executeSql: (text, values) => pool.query(text, values),
      listen: async (channel, onPayload, onReconnect) => {
        const close = await listener.listen(channel, onPayload, onReconnect);
        onReconnect();
        return { close };
      },
    },
    listen: (channel, onPayload, onReconnect) => listener.listen(channel, onPayload, onReconnect),
    close: () => listener.close(),
  };
}

/** As the embedded database reads them: a bigint is a number where that is exact. */
function readInt8(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === int8 && format !== 'binary' ? readInt8 : pg.types.getTypeParser(oid, format as 'text');
