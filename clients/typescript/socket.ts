import { type Client, createClient } from 'graphql-ws/client';
import type { Address } from './address.ts';
import type { CallOptions, ConnectionOptions } from './connection-options.ts';
import { deadline } from './deadline.ts';
import { errorFrom, FeaturegraphError } from './errors.ts';
import { EventQueue } from './event-queue.ts';
import { type SentOperation, sentOperation } from './named-documents.ts';
import { webSocketClass } from './node-web-socket.ts';
import { delayMs } from './retrying.ts';

/** Without a sign of life for as long, a subscription fails: a server that restarts is back before. */
const patienceMs = 60_000;
const [pingMs, pongMs] = [15_000, 10_000];

/** Called each time that a subscription has begun anew: what happened meanwhile it was not told. */
export type Renewed<R> = (queue: EventQueue<R>) => void;

export type Socket = {
  /** Events until the iteration or the connection is ended, over as many sockets as that takes. */
  subscribe<R>(query: string, variables: unknown, options?: CallOptions, renewed?: Renewed<R>): AsyncGenerator<R>;
  close(): Promise<void>;
};

export function openSocket(
  address: Address,
  options: ConnectionOptions,
  credentials: () => Promise<Record<string, string>>,
  closed: AbortSignal,
): Socket {
  let opened: Promise<Client> | undefined;
  const client = () => {
    opened ??= createSocket(address, options.webSocket, credentials);
    return opened;
  };
  return {
    async *subscribe<R>(query: string, variables: unknown, call: CallOptions = {}, renewed?: Renewed<R>) {
      const { signal, ended, done } = deadline(call.timeoutMs, closed, call.signal);
      const queue = new EventQueue<R>();
      ended.catch((error: unknown) => queue.end({ error }));
      signal.throwIfAborted();
      const stop = insist(await client(), sentOperation(query, variables, options.documents), queue, address, renewed);
      try {
        yield* queue.read();
      } finally {
        // Whoever left early hears nothing of what is still being asked for him.
        queue.end();
        stop();
        done();
      }
    },
    close: async () => (await opened)?.dispose(),
  };
}

/** Subscribes, and does so again whenever the connection is lost; answers with what ends it. */
function insist<R>(
  client: Client,
  payload: SentOperation,
  queue: EventQueue<R>,
  { shown }: Address,
  renewed?: Renewed<R>,
): () => void {
  let [stopped, attempt, lastSeen] = [false, 0, Date.now()];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unsubscribe = () => {};
  const seen = () => {
    [attempt, lastSeen] = [0, Date.now()];
  };
  const offConnected = client.on('connected', seen);
  const again = (cause?: unknown) => {
    if (stopped) return;
    if (Date.now() - lastSeen > patienceMs) {
      const message = `${shown} has told nothing any more for ${patienceMs / 1_000} seconds.`;
      return queue.end({ error: new FeaturegraphError('UNAVAILABLE', message, { retryable: true, cause }) });
    }
    timer = setTimeout(begin, delayMs(++attempt));
  };
  const begin = () => {
    if (attempt > 0) renewed?.(queue);
    unsubscribe = client.subscribe<R>(payload as never, {
      next({ data, errors }) {
        seen();
        if (errors !== undefined && errors.length > 0) queue.end({ error: errorFrom(errors) });
        else if (data !== undefined && data !== null) queue.push(data);
      },
      error(thrown) {
        const fatal = fatalOf(thrown, shown);
        if (fatal === undefined) again(thrown);
        else queue.end({ error: fatal });
      },
      // No subscription of ours ends by itself: a server that stops has ended it.
      complete: () => again(),
    });
  };
  begin();
  return () => {
    stopped = true;
    clearTimeout(timer);
    offConnected();
    unsubscribe();
  };
}

/** What trying again would not mend: GraphQL's own errors, and a server that says that it does not want this client. */
function fatalOf(thrown: unknown, shown: string): FeaturegraphError | undefined {
  if (Array.isArray(thrown)) return errorFrom(thrown);
  const { code, reason } = (thrown ?? {}) as { code?: unknown; reason?: unknown };
  const codes: Record<number, string> = { 4400: 'BAD_REQUEST', 4401: 'UNAUTHENTICATED', 4403: 'FORBIDDEN' };
  const known = typeof code === 'number' ? codes[code] : undefined;
  return known === undefined ? undefined : new FeaturegraphError(known, `${shown} ends the connection: ${reason}.`);
}

async function createSocket(
  { socket }: Address,
  given: unknown,
  credentials: () => Promise<Record<string, string>>,
): Promise<Client> {
  const webSocketImpl = given ?? (await webSocketClass());
  let pong: ReturnType<typeof setTimeout> | undefined;
  let opened: { close(code: number, reason: string): void } | undefined;
  return createClient({
    url: socket,
    lazy: true,
    retryAttempts: 0,
    webSocketImpl,
    connectionParams: credentials,
    keepAlive: pingMs,
    on: {
      opened: (socket) => {
        opened = socket as typeof opened;
      },
      ping: (received) => {
        if (!received) pong = setTimeout(() => opened?.close(4408, 'no pong'), pongMs);
      },
      pong: (received) => {
        if (received) clearTimeout(pong);
      },
      closed: () => clearTimeout(pong),
    },
  });
}
