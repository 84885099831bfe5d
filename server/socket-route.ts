import type { FastifyRequest } from 'fastify';
import { execute, type GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { makeServer, type Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { Failure } from '../providers/contract/failure.ts';
import { withDenialsRecorded } from '../resolvers/denials.ts';
import type { RequestContext } from '../resolvers/request-context.ts';
import { RequestLifetime } from '../resolvers/request-lifetime.ts';
import type { Principal } from '../src/access/principal.ts';
import type { Configuration } from '../src/config/configuration.ts';
import type { Limits } from '../src/config/limits.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import type { PreparedDocuments } from './documents/prepared-documents.ts';
import { asError } from './limits/read-document.ts';
import { credentialsOf, principalOf, type RequestAuthentication } from './principal.ts';
import { RequestRefused } from './request-refused.ts';
import { SocketOperations } from './socket-operations.ts';
import { type SocketExtra, serveSocket } from './socket-transport.ts';
import { SocketWatch } from './socket-watch.ts';
import { subscribeInTurns } from './subscribe-in-turns.ts';
import { withinTime } from './swapped-schema.ts';
import { WrittenAnswers } from './written-answers.ts';

type Options = {
  configuration: Configuration;
  documents: PreparedDocuments;
  schema: () => GraphQLSchema;
  authentication: RequestAuthentication;
  /** Whether who was authenticated earlier still is who he was. */
  isCurrent: (principal: Principal) => boolean;
  context: (request: FastifyRequest, lifetime: RequestLifetime) => RequestContext;
  format: (error: GraphQLError | GraphQLFormattedError) => GraphQLFormattedError;
  /** Whether one more operation of this client may begin now. */
  mayBegin: (request: FastifyRequest) => Promise<boolean>;
};

/** How often sockets are looked at. */
const lookMs = 1_000;

/** Clients try again after this code: it is WebSocket's own for a server that restarts. */
const restarting = 1012;

/** Clients don't try again after this code: who asks is not known, or not any more. */
const unauthenticated = 4401;

/** `principal` is there once the client has said hello. */
type Opened = { address: string; watch: SocketWatch; principal?: Principal };

/** The graph by graphql-ws, and how much of it one socket and one client may have. */
export class SocketRoute {
  readonly #options: Options;
  readonly #sockets = new Map<WebSocket, Opened>();
  readonly #server: Server<SocketExtra>;
  readonly #answers = new WrittenAnswers();
  readonly #timer: NodeJS.Timeout;

  constructor(options: Options) {
    this.#options = options;
    this.#server = this.#makeServer();
    this.#timer = setInterval(() => this.#look(), lookMs);
    this.#timer.unref();
  }

  /** Before the upgrade: fails where there are as many sockets as there may be. */
  admit(address: string): void {
    const { sockets, socketsPerPrincipal } = this.#options.configuration.limits;
    const own = [...this.#sockets.values()].filter((one) => one.address === address).length;
    const [found, most, what] =
      own >= socketsPerPrincipal
        ? [own + 1, socketsPerPrincipal, 'WebSockets of one client']
        : [this.#sockets.size + 1, sockets, 'WebSockets in all'];
    if (found <= most) return;
    const fix = 'Run several operations on one socket, or close one.';
    throw new RequestRefused(429, 'LIMIT_EXCEEDED', limitExceeded({ path: 'socket', what, found, most, fix }));
  }

  opened(socket: WebSocket, request: FastifyRequest): void {
    const watch = new SocketWatch(socket, this.#options.configuration.limits);
    this.#sockets.set(socket, { address: request.ip, watch });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      watch.left();
    });
    serveSocket(this.#server, socket, request, this.#answers);
  }

  /** Ends all, so that their clients come again, to another process. */
  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.keys()) socket.close(restarting, 'The server restarts');
  }

  #look(): void {
    for (const [socket, { watch, principal }] of this.#sockets) {
      if (principal !== undefined && !this.#options.isCurrent(principal)) leave(socket);
      watch.look();
    }
  }

  /** Who connects says who he is with the upgrade, or, as a browser, in what he says first. */
  async #connected({ extra, connectionParams, ...connection }: Connected): Promise<boolean> {
    const { socket, request } = extra;
    const opened = this.#sockets.get(socket);
    if (opened === undefined) return false;
    opened.watch.acknowledged(connection);
    try {
      const given = credentialsOf(request);
      const said = connectionParams?.authorization;
      const authorization = given.authorization ?? (typeof said === 'string' ? said : undefined);
      opened.principal = await this.#options.authentication.authenticate(request, { ...given, authorization });
      return true;
    } catch (error) {
      if (!(error instanceof Failure || error instanceof RequestRefused)) throw error;
      leave(socket);
      return false;
    }
  }

  #makeServer(): Server<SocketExtra> {
    const { configuration, schema, context, format, mayBegin } = this.#options;
    const { limits } = configuration;
    const operations = new SocketOperations(configuration, this.#options.documents);
    const watchOf = (socket: WebSocket) => this.#sockets.get(socket)?.watch;
    return makeServer<Record<string, unknown>, SocketExtra>({
      onConnect: (connection) => this.#connected(connection),
      onSubscribe: async ({ extra, subscriptions }, _id, payload) => {
        const running = Object.keys(subscriptions).length;
        if (running > limits.socketOperations) return [asError(tooManyOperations(running, limits))];
        if (!this.#options.isCurrent(principalOf(extra.request))) {
          leave(extra.socket);
          return [asError(new Failure('UNAUTHENTICATED', 'The credential has ended.'))];
        }
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
      onOperation: ({ extra }, id, _payload, _args, result) => {
        if (Symbol.asyncIterator in result) sayBegun(extra.socket, id);
      },
      onNext: (_context, _id, _payload, { contextValue }, result) => {
        if (result.errors === undefined) return this.#answers.standIn(result);
        withDenialsRecorded(contextValue as RequestContext, result);
        const told = { ...result, errors: result.errors.map(format) };
        return this.#answers.standIn(told) ?? told;
      },
      onError: (_context, _id, _payload, errors) => errors.map(format),
    });
  }
}

type Connected = {
  extra: SocketExtra;
  connectionParams?: Readonly<Record<string, unknown>> | undefined;
  subscriptions: Readonly<Record<string, unknown>>;
};

function leave(socket: WebSocket): void {
  socket.close(unauthenticated, 'UNAUTHENTICATED');
}

/**
 * What happens from here on the subscription is told: whoever shows what was asked for earlier asks for it again now. GraphQL
 * has no word for this; a ping, which may come at any time, can carry it.
 */
function sayBegun(socket: WebSocket, id: string): void {
  socket.send(JSON.stringify({ type: 'ping', payload: { begun: id } }));
}

function tooManyOperations(found: number, { socketOperations: most }: Limits): Error {
  const fix = 'End one, or open another socket.';
  return limitExceeded({ path: 'socket', what: 'operations on one WebSocket', found, most, fix });
}

export function tooManyRequests({ requestsPerSecond: most }: Limits) {
  const fix = 'Send fewer, or the same again later.';
  return limitExceeded({ path: 'request', what: 'requests of one client in a second', found: 'more', most, fix });
}
