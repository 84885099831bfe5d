import { Socket } from 'node:net';
import type pg from 'pg';
import { type Hosts, refuseAddress } from '../peers/hosts.ts';
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

/** Sockets that connect to allowed hosts only, as the driver makes one for each of its connections. */
export function allowedSocket(hosts: Hosts): () => Socket {
  return () => {
    const socket = new Socket();
    const connect = socket.connect.bind(socket);
    return Object.assign(socket, {
      connect(port: number, host: string) {
        try {
          refuseAddress(host, hosts);
          connect({ port: Number(port), host, lookup: hosts.lookup });
        } catch (error) {
          process.nextTick(() => socket.destroy(error as Error));
        }
        return socket;
      },
    });
  };
}
