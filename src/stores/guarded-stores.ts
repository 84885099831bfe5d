import type { OnlineStore } from '../../providers/contract/online-store.ts';
import type { VectorStore } from '../../providers/contract/vector-store.ts';
import { Circuit } from './circuit.ts';
import { passedWarnings } from './passed-warnings.ts';

/**
 * Only what requests wait for is guarded. Writes are not: a job tries again by itself, and a store that takes no
 * writes (it is full, or a replica) may well answer reads.
 */
export function guardedOnlineStore(store: OnlineStore, deadlineMs: number): OnlineStore {
  const circuit = new Circuit(deadlineMs);
  return {
    check: () => store.check(),
    ...passedWarnings(store),
    read: (reads) => circuit.run(() => store.read(reads)),
    write: (address, rows) => store.write(address, rows),
    exchange: (address, rows) => store.exchange(address, rows),
    drop: (address) => store.drop(address),
    close: () => store.close(),
  };
}

export function guardedVectorStore(store: VectorStore, deadlineMs: number): VectorStore {
  const circuit = new Circuit(deadlineMs);
  const rebuild = store.rebuild?.bind(store);
  return {
    check: () => store.check(),
    ...passedWarnings(store),
    ensure: (index) => store.ensure(index),
    upsert: (index, points) => store.upsert(index, points),
    remove: (index, removals) => store.remove(index, removals),
    search: (queries) => circuit.run(() => store.search(queries)),
    count: (index) => store.count(index),
    drop: (index) => store.drop(index),
    ...(rebuild && { rebuild }),
    close: () => store.close(),
  };
}
