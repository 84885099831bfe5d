import type { WebSocket } from 'ws';
import { RequestLifetime } from '../resolvers/request-lifetime.ts';
import type { Limits } from '../src/config/limits.ts';

/** What is known of a socket that has said hello: what runs on it, by the client's own ids. */
type Connection = { readonly subscriptions: Readonly<Record<string, unknown>> };

/** A socket that is closed since nobody uses it. */
const idle = 4000;

/** Ends a socket that nobody uses, and one whose client takes nothing of what it asked for. */
export class SocketWatch {
  readonly #socket: WebSocket;
  readonly #limits: Limits;
  readonly #lifetimes = new Map<string, RequestLifetime>();
  #connection: Connection | undefined;
  #usedAt = performance.now();
  #takenAt = performance.now();
  #waiting = 0;

  constructor(socket: WebSocket, limits: Limits) {
    this.#socket = socket;
    this.#limits = limits;
    socket.on('message', () => {
      this.#usedAt = performance.now();
    });
  }

  acknowledged(connection: Connection): void {
    this.#connection = connection;
  }

  begun(id: string): RequestLifetime {
    const lifetime = new RequestLifetime();
    this.#lifetimes.set(id, lifetime);
    return lifetime;
  }

  ended(id: string): void {
    this.#lifetimes.delete(id);
  }

  left(): void {
    for (const lifetime of this.#lifetimes.values()) lifetime.end();
    this.#lifetimes.clear();
  }

  look(): void {
    const now = performance.now();
    const { bufferedAmount } = this.#socket;
    if (bufferedAmount === 0 || bufferedAmount < this.#waiting) this.#takenAt = now;
    this.#waiting = bufferedAmount;
    if (Object.keys(this.#connection?.subscriptions ?? {}).length > 0) this.#usedAt = now;
    if (now - this.#takenAt > this.#limits.slowReaderMs) this.#socket.terminate();
    else if (now - this.#usedAt > this.#limits.socketIdleMs) this.#socket.close(idle, 'Idle');
  }
}
