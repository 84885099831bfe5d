import type { OnlineStore, ViewAddress } from '../../providers/contract/online-store.ts';
import { passedWarnings } from './passed-warnings.ts';

/** Must not throw. */
export type WriteListener = (address: ViewAddress, keys: readonly Uint8Array[]) => void;

/**
 * Tells of rows once reads see them. Of those of one write none is told when all were older than what the store has,
 * and all otherwise; also when the write fails, since it can have kept some.
 */
export function reportingWrites(store: OnlineStore, onWrite: WriteListener): OnlineStore {
  return {
    check: () => store.check(),
    ...passedWarnings(store),
    read: (reads) => store.read(reads),
    write: async (address, rows) => {
      let changed = true;
      try {
        const result = await store.write(address, rows);
        changed = result.written > 0;
        return result;
      } finally {
        if (changed)
          onWrite(
            address,
            rows.map(({ key }) => key),
          );
      }
    },
    exchange: async (address, rows) => {
      let written = rows.map(() => true);
      try {
        written = await store.exchange(address, rows);
        return written;
      } finally {
        const changed = rows.filter((_, at) => written[at]);
        if (changed.length > 0)
          onWrite(
            address,
            changed.map(({ key }) => key),
          );
      }
    },
    drop: (address) => store.drop(address),
    close: () => store.close(),
  };
}
