import type { FastifyRequest } from 'fastify';
import { execute, type GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { makeHandler } from 'graphql-ws/use/@fastify/websocket';
import type { WebSocket } from 'ws';
import type { RequestContext } from '../resolvers/request-context.ts';
import { RequestLifetime } from '../resolvers/request-lifetime.ts';
import type { Configuration } from '../src/config/configuration.ts';
import type { Limits } from '../src/config/limits.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import type { PreparedDocuments } from './documents/prepared-documents.ts';
import { asError } from './limits/read-document.ts';
import { RequestRefused } from './request-refused.ts';
import { SocketOperations } from './socket-operations.ts';
import { SocketWatch } from './socket-watch.ts';
import { subscribeInTurns } from './subscribe-in-turns.ts';
import { withinTime } from './swapped-schema.ts';

type Options = {
  configuration: Configuration;
  documents: PreparedDocuments;
  schema: () => GraphQLSchema;
  context: (request: FastifyRequest, lifetime: RequestLifetime) => RequestContext;
  format: (error: GraphQLError | GraphQLFormattedError) => GraphQLFormattedError;
  /** Whether one more operation of this client may begin now. */
  mayBegin: (request: FastifyRequest) => Promise<boolean>;
};

/** How often sockets are looked at. */
const lookMs = 1_000;

/** Clients try again after this code: it is WebSocket's own for a server that restarts. */
const restarting = 1012;

/** The graph by graphql-ws, and how much of it one socket and one client may have. */
export class SocketRoute {
  readonly #options: Options;
  readonly #sockets = new Map<WebSocket, { principal: string; watch: SocketWatch }>();
  readonly #handler: (this: never, socket: WebSocket, request: FastifyRequest) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(options: Options) {
    this.#options = options;
    this.#handler = this.#makeHandler() as never;
    this.#timer = setInterval(() => this.#look(), lookMs);
    this.#timer.unref();
  }

  /** Before the upgrade: fails where there are as many sockets as there may be. */
  admit(principal: string): void {
    const { sockets, socketsPerPrincipal } = this.#options.configuration.limits;
    const own = [...this.#sockets.values()].filter((one) => one.principal === principal).length;
    const [found, most, what] =
      own >= socketsPerPrincipal
        ? [own + 1, socketsPerPrincipal, 'WebSockets of one client']
        : [this.#sockets.size + 1, sockets, 'WebSockets in all'];
    if (found <= most) return;
    const fix = 'Run several operations on one socket, or close one.';
    throw new RequestRefused(429, 'LIMIT_EXCEEDED', limitExceeded({ path: 'socket', what, found, most, fix }));
  }

  opened(server: unknown, socket: WebSocket, request: FastifyRequest, principal: string): void {
    const watch = new SocketWatch(socket, this.#options.configuration.limits);
    this.#sockets.set(socket, { principal, watch });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      watch.left();
    });
    this.#handler.call(server as never, socket, request);
  }

  /** Ends all, so that their clients come again, to another process. */
  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.keys()) socket.close(restarting, 'The server restarts');
  }

  #look(): void {
    for (const { watch } of this.#sockets.values()) watch.look();
  }

  #makeHandler() {
    const { configuration, schema, context, format, mayBegin } = this.#options;
    const { limits } = configuration;
    const operations = new SocketOperations(configuration, this.#options.documents);
    const watchOf = (socket: WebSocket) => this.#sockets.get(socket)?.watch;
    return makeHandler<Record<string, unknown>>({
      onConnect: (connection) => {
        watchOf(connection.extra.socket)?.acknowledged(connection);
        return true;
      },
      onSubscribe: async ({ extra, subscriptions }, _id, payload) => {
        const running = Object.keys(subscriptions).length;
        if (running > limits.socketOperations) return [asError(tooManyOperations(running, limits))];
        if (!(await mayBegin(extra.request))) return [asError(tooManyRequests(limits))];
        return (await operations.prepare(schema(), payload)) as never;
      },
      context: ({ extra }, id) => context(extra.request, watchOf(extra.socket)?.begun(id) ?? new RequestLifetime()),
      onComplete: ({ extra }, id) => watchOf(extra.socket)?.ended(id),
      execute: (args) => {
        const result = execute(args);
        return result instanceof Promise
          ? withinTime(result, args.contextValue as RequestContext, limits.requestMs)
          : result;
      },
      subscribe: subscribeInTurns,
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors ? { ...result, errors: result.errors.map(format) as never } : undefined,
      onError: (_context, _id, _payload, errors) => errors.map(format),
    });
  }
}

function tooManyOperations(found: number, { socketOperations: most }: Limits): Error {
  const fix = 'End one, or open another socket.';
  return limitExceeded({ path: 'socket', what: 'operations on one WebSocket', found, most, fix });
}

export function tooManyRequests({ requestsPerSecond: most }: Limits) {
  const fix = 'Send fewer, or the same again later.';
  return limitExceeded({ path: 'request', what: 'requests of one client in a second', found: 'more', most, fix });
}
