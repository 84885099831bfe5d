import { parentPort } from 'node:worker_threads';
import { type RunningPeer, standingPeers, startPeer } from './hostile-peers.ts';

/** What `peers-apart.ts` asks of its thread: to start a peer, or to stop what an earlier question started. */
export type Asked = { id: number; start: number } | { id: number; stop: number };
export type Told = { id: number; port: number };

const running = new Map<number, RunningPeer>();

async function answer(asked: Asked): Promise<Told> {
  if ('stop' in asked) {
    await running.get(asked.stop)?.stop();
    running.delete(asked.stop);
    return { id: asked.id, port: 0 };
  }
  const peer = standingPeers[asked.start];
  if (peer === undefined) throw new RangeError(`there is no peer ${asked.start}`);
  const started = await startPeer(peer);
  running.set(asked.id, started);
  return { id: asked.id, port: started.port };
}

parentPort?.on('message', async (asked: Asked) => parentPort?.postMessage(await answer(asked)));
