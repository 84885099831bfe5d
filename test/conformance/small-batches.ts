import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { ColumnBatch } from '../../providers/contract/table.ts';

const rowsOfBatch = 3;

/** The same store with few rows in a batch, as large views are read, and something to do before each. */
export function inSmallBatches(store: OfflineStore, between: () => Promise<void>): OfflineStore {
  async function* latest(...call: Parameters<OfflineStore['latest']>): AsyncGenerator<ColumnBatch> {
    for await (const { size, columns } of store.latest(...call)) {
      for (let at = 0; at < size; at += rowsOfBatch) {
        await between();
        const end = Math.min(size, at + rowsOfBatch);
        yield { size: end - at, columns: columns.map((column) => column.slice(at, end)) };
      }
    }
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'latest') return latest;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
