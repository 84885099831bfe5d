import { type Client, createClient } from 'graphql-ws';
import * as z from 'zod/mini';
import { authorization } from '../../playground/kept-key.ts';
import { type Document, finalCodes, insist, type Sink, waitMs } from './insistent.ts';

/** Whether changes come: they do, they will again, or not for whoever asks. */
export type Following = 'LIVE' | 'RECONNECTING' | 'ENDED';

export type Socket = {
  /** Follows for as long as nobody stops it, however often the connection or the server ends it. */
  follow(document: Document, sink: Sink): () => void;
  close(): void;
};

type Listener = {
  state: (state: Following) => void;
  /** All that is followed is told from now on: what happened before may have been missed. */
  begun: () => void;
};

type Followed = { id: string; hasBegun: boolean; stop: () => void };

const [pingMs, pongMs] = [15_000, 10_000];
const begunPing = z.object({ begun: z.string() });

export function openSocket(listener: Listener): Socket {
  const all = new Set<Followed>();
  let [ids, isClosed, isRefused] = [0, false, false];
  /** One that is refused stays so: whoever looks has to know, however well the others go. */
  const say = (state: Following) => isClosed || listener.state(isRefused ? 'ENDED' : state);
  const client = connected(() => String(ids), {
    lost: (code) => {
      for (const one of all) one.hasBegun = false;
      say(finalCodes.includes(code) ? 'ENDED' : 'RECONNECTING');
    },
    begun: (id) => {
      for (const one of all) if (one.id === id) one.hasBegun = true;
      if (isClosed || ![...all].every(({ hasBegun }) => hasBegun)) return;
      say('LIVE');
      listener.begun();
    },
  });
  return {
    follow(document, sink) {
      const one: Followed = { id: '', hasBegun: false, stop: () => {} };
      all.add(one);
      one.stop = insist(client, document, sink, {
        asked: () => Object.assign(one, { id: String(++ids), hasBegun: false }),
        ended: () => say('RECONNECTING'),
        // The others are waited for without it.
        refused: () => {
          all.delete(one);
          isRefused = true;
          say('ENDED');
        },
      });
      return () => {
        all.delete(one);
        one.stop();
      };
    },
    close: () => {
      isClosed = true;
      for (const { stop } of all) stop();
      client.dispose();
    },
  };
}

type Connection = { lost: (code: number | undefined) => void; begun: (id: string) => void };

/** One that is tried for again whenever it is lost, which is noticed where nobody closes it too. */
function connected(generateID: () => string, { lost, begun }: Connection): Client {
  const address = new URL('/graphql', window.location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  let pong: ReturnType<typeof setTimeout> | undefined;
  let opened: WebSocket | undefined;
  return createClient({
    url: address.href,
    connectionParams: authorization,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, waitMs(attempt))),
    shouldRetry: (problem) => !finalCodes.includes((problem as CloseEvent | undefined)?.code),
    keepAlive: pingMs,
    generateID,
    on: {
      opened: (socket) => {
        opened = socket as WebSocket;
      },
      closed: (problem) => {
        clearTimeout(pong);
        lost((problem as CloseEvent | undefined)?.code);
      },
      ping: (received, payload) => {
        if (!received) pong = setTimeout(() => opened?.close(4408, 'no pong'), pongMs);
        const said = z.safeParse(begunPing, payload);
        if (received && said.success) begun(said.data.begun);
      },
      pong: (received) => received && clearTimeout(pong),
    },
  });
}
