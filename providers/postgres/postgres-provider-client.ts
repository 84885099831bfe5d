import type pg from 'pg';
import { PostgresClient } from '../peers/postgres-client.ts';

/**
 * A client of a provider's server. It never takes a password from the environment or from a file of this system: those are
 * not meant for whatever server a provider's address names.
 */
export class ProviderClient extends PostgresClient {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const url = typeof config === 'string' ? config : config?.connectionString;
    if (url !== undefined && new URL(url).password === '') Object.assign(this, { password: async () => '' });
  }
}
