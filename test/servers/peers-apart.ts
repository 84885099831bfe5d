import { Worker } from 'node:worker_threads';
import { type HostilePeer, type RunningPeer, standingPeers } from './hostile-peers.ts';
import type { Asked, Told } from './hostile-peers-thread.ts';

/** Hostile peers in a thread of their own: what floods the server under test must not be what keeps it from its work. */
export class PeersApart {
  readonly #thread = new Worker(new URL('./hostile-peers-thread.ts', import.meta.url));
  readonly #waiting = new Map<number, (told: Told) => void>();
  #counted = 0;

  constructor() {
    this.#thread.on('message', (told: Told) => {
      this.#waiting.get(told.id)?.(told);
      this.#waiting.delete(told.id);
    });
  }

  async start(peer: HostilePeer): Promise<RunningPeer> {
    const { id, port } = await this.#ask((id) => ({ id, start: standingPeers.indexOf(peer) }));
    return { port, stop: async () => void (await this.#ask((own) => ({ id: own, stop: id }))) };
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #ask(question: (id: number) => Asked): Promise<Told> {
    const id = ++this.#counted;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#thread.postMessage(question(id));
    });
  }
}
