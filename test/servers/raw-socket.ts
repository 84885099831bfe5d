import { once } from 'node:events';
import { WebSocket } from 'ws';

type Message = { id?: string; type: string; payload?: unknown };

/** What came over a socket, and how it ended. */
export type RawSocket = {
  socket: WebSocket;
  messages: Message[];
  send(message: object | string | Buffer): void;
  /** The next message that fits, or that came already. */
  heard(fits: (message: Message) => boolean): Promise<Message>;
  closed: Promise<{ code: number; reason: string }>;
};

/** A socket without a client of graphql-ws, so that it can do what none would. */
export async function openRawSocket(
  url: string,
  headers: Record<string, string> = {},
  protocol = 'graphql-transport-ws',
): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol, { headers });
  const messages: Message[] = [];
  let told = Promise.withResolvers<void>();
  const tell = () => {
    told.resolve();
    told = Promise.withResolvers();
  };
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    tell();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      tell();
    });
  });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const heard = async (fits: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const found = messages.find(fits);
      if (found !== undefined) return found;
      if (socket.readyState === WebSocket.CLOSED) throw new Error('the socket was closed before');
      await told.promise;
    }
  };
  const send = (message: object | string | Buffer) =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  return { socket, messages, send, heard, closed };
}

/** A socket that has said hello. */
export async function openAcknowledged(url: string): Promise<RawSocket> {
  const raw = await openRawSocket(url);
  raw.send({ type: 'connection_init' });
  await raw.heard(({ type }) => type === 'connection_ack');
  return raw;
}
