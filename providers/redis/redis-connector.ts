import { createConnection, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Command, type Redis } from 'ioredis';
import dataHandler from 'ioredis/built/DataHandler.js';
import { z } from 'zod';
import { type Hosts, refuseAddress } from '../peers/hosts.ts';
import { RedisPeerError, RedisReplies } from './redis-replies.ts';

type ConnectorOptions = {
  disconnectTimeout: number;
  host?: string;
  port?: number | string;
  tls?: { rejectUnauthorized?: boolean };
};

/** Opens the client's connections, to allowed hosts only, and lets nothing through to it that no server should answer. */
export function guardedConnector(hosts: Hosts | undefined): new (options: unknown) => AbstractConnector {
  return class extends AbstractConnector {
    readonly #options: ConnectorOptions;

    constructor(options: unknown) {
      const own = options as ConnectorOptions;
      super(own.disconnectTimeout);
      this.#options = own;
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      // The client is not ready for what happens at once.
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.connecting) throw new Error('Connection is closed.');
      const { host = 'localhost', port = 6379, tls } = this.#options;
      refuseAddress(host, hosts);
      const address: TcpNetConnectOpts = { host, port: Number(port), ...(hosts && { lookup: hosts.lookup }) };
      const socket = tls === undefined ? createConnection(address) : connectTls({ ...address, ...tls });
      socket.once('error', (error) => {
        this.firstError = error;
      });
      guard(socket);
      this.stream = socket;
      return socket;
    }
  };
}

type DataListener = (bytes: Buffer) => void;

/** The client's own listener for what the server sends is called for what has been checked. */
function guard(socket: Socket): void {
  const replies = new RedisReplies();
  const prepend = socket.prependListener.bind(socket);
  socket.prependListener = ((event: string, listener: DataListener) => {
    if (event !== 'data') return prepend(event, listener);
    return prepend('data', (bytes: Buffer) => {
      if (socket.destroyed) return;
      try {
        replies.follow(bytes);
      } catch (error) {
        socket.destroy(error as Error);
        return;
      }
      listener(bytes);
    });
  }) as Socket['prependListener'];
}

type DataHandler = { redis: { commandQueue: { shift(): unknown }; stream: Redis['stream'] } };

/** To an answer that nobody waits for the client says so, in words that it can't always make: it would end the process. */
const prototype: object = dataHandler.default.prototype;
Object.assign(prototype, {
  shiftCommand(this: DataHandler): unknown {
    const command = this.redis.commandQueue.shift();
    if (command === undefined) this.redis.stream.destroy(new RedisPeerError('it answers what nobody asked'));
    return command;
  },
});

const text = z.union([z.string(), z.instanceof(Buffer)]);
const slot = z.number().int().min(0).max(16_383);
const node = z.tuple([text.nullable(), z.number().int().min(0).max(65_535)]).rest(z.unknown());
const slots = z.array(z.tuple([slot, slot]).rest(node)).max(16_384);

/** The client believes what a cluster says of its slots: it would count through ranges without end, and stumble over what is none. */
Command.setReplyTransformer('cluster', (answer: unknown) => {
  if (!Array.isArray(answer)) return answer;
  if (!slots.safeParse(answer).success)
    throw new RedisPeerError('it does not tell its slots as a cluster of Redis does');
  return answer;
});
