import type { Duplex } from 'node:stream';
import pg from 'pg';
import { frameHeader, LongAnswer, PeerError, PostgresFrames } from './postgres-frames.ts';

type Listener = (bytes: Buffer) => void;
/** What the driver does with the stream of a connection, once it is in the clear. */
type Attaching = { attachListeners(stream: Pick<Duplex, 'on'>): unknown };

/** The driver's client, but whatever bytes its server sends end only its own connection. */
export class PostgresClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Without a listener, an error that nobody waits for would end the process.
    this.on('error', () => undefined);
    const { connection } = this as unknown as { connection: pg.Connection & Attaching };
    let isReady = false;
    connection.once('readyForQuery', () => {
      isReady = true;
    });
    const close = () => connection.stream.destroy();
    connection.on('error', close);
    connection.on('errorMessage', () => isReady || close());
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => {
      const failed = (error: unknown) => connection.emit('error', error);
      return attach({
        on(event: string, listener: Listener) {
          stream.on(event, event === 'data' ? guarded(listener, failed) : listener);
          return this;
        },
      } as Pick<Duplex, 'on'>);
    };
  }
}

/** Hands on whole messages that are what they say. After the first that is not, the rest of the stream means nothing. */
function guarded(listener: Listener, failed: (error: unknown) => void): Listener {
  const frames = new PostgresFrames();
  let kept: Buffer[] = [];
  let size = 0;
  let needed = frameHeader;
  let ended = false;
  return (bytes) => {
    if (ended) return;
    kept.push(bytes);
    size += bytes.length;
    if (size < needed) return;
    try {
      const all = kept.length === 1 ? bytes : Buffer.concat(kept, size);
      const { whole, next } = wholeFrames(all, frames);
      kept = whole === all.length ? [] : [all.subarray(whole)];
      size = all.length - whole;
      // Of a long message, some parts may tell more before it is whole.
      needed = Math.min(next, Math.max(size * 2, frameHeader));
      if (whole > 0) listener(all.subarray(0, whole));
    } catch (error) {
      ended = true;
      kept = [];
      failed(isOurs(error) ? error : new PeerError('its answer could not be read', { cause: error }));
    }
  };
}

function isOurs(error: unknown): boolean {
  return error instanceof PeerError || error instanceof LongAnswer;
}

/** How many bytes are whole messages, and how many the rest must have to be one. */
function wholeFrames(bytes: Buffer, frames: PostgresFrames): { whole: number; next: number } {
  let at = 0;
  while (at + frameHeader <= bytes.length) {
    const length = frames.length(bytes, at, bytes.length);
    if (at + length > bytes.length) return { whole: at, next: length };
    frames.check(bytes, at, length);
    at += length;
  }
  return { whole: at, next: frameHeader };
}
