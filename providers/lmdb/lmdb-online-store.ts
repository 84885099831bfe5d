import { setImmediate } from 'node:timers/promises';
import type { Database } from 'lmdb';
import { bufferOf } from '../contract/bytes.ts';
import { compareRowVersions, isVersion } from '../contract/online-row.ts';
import type {
  OnlineStore,
  RowExchange,
  RowRead,
  RowReadAnswer,
  RowWrite,
  ViewAddress,
} from '../contract/online-store.ts';
import { openEnvironment, unavailable } from '../embedded/lmdb-environment.ts';
import { afterPrefix, entityPrefix, longestViewId, rowKey, rowPrefix, viewId, viewOfKey } from './lmdb-keys.ts';

export type LmdbOptions = {
  /** Created when it is not there. Several projects may share it. */
  directory: string;
  project: string;
};

/** Rows a transaction: each is synced, and blocks this process for about 5 ms. */
const writeBatch = 1_000;
const writeBytes = 4_000_000;
/** Gets between two breaths of the event loop: about 5 ms. */
const readBatch = 2_000;
/** What is copied in the time of a get. */
const bytesOfGet = 4_000;

/** The embedded online store. Other processes of this machine may have the same directory open. */
export async function openLmdbOnlineStore({ directory, project }: LmdbOptions): Promise<OnlineStore> {
  const { environment, requireHeld, release } = openEnvironment(directory, 'online store');
  try {
    const rows = environment.openDB<Buffer, Buffer>({
      name: `online:${project}`,
      encoding: 'binary',
      keyEncoding: 'binary',
    });
    return new LmdbOnlineStore(rows, requireHeld, release);
  } catch (error) {
    await release();
    throw unavailable(error, 'online store');
  }
}

class LmdbOnlineStore implements OnlineStore {
  readonly #rows: Database<Buffer, Buffer>;
  readonly #requireHeld: () => void;
  readonly #release: () => Promise<void>;

  constructor(rows: Database<Buffer, Buffer>, requireHeld: () => void, release: () => Promise<void>) {
    this.#rows = rows;
    this.#requireHeld = requireHeld;
    this.#release = release;
  }

  async check(): Promise<void> {
    this.#requireHeld();
    try {
      this.#rows.getStats();
    } catch (error) {
      throw unavailable(error, 'online store');
    }
  }

  async read(reads: readonly RowRead[]): Promise<RowReadAnswer[]> {
    const answers: RowReadAnswer[] = [];
    let gets = 0;
    for (const { entity, keys, views } of reads) {
      const prefix = entityPrefix(entity);
      const ids = views.map((view) => viewId({ view }));
      const rows: RowReadAnswer['rows'] = [];
      for (const key of keys) {
        const found = this.#readKey(rowPrefix(prefix, key, longestViewId), ids);
        rows.push(found);
        gets += ids.length;
        for (const row of found) gets += (row?.length ?? 0) / bytesOfGet;
        if (gets >= readBatch) {
          gets = 0;
          await setImmediate();
        }
      }
      answers.push({ rows });
    }
    return answers;
  }

  async write(address: ViewAddress, rows: readonly RowWrite[]): Promise<{ written: number; stale: number }> {
    const prefix = entityPrefix(address.entity);
    const view = viewId(address);
    let written = 0;
    for await (const count of this.#inBatches(rows, (batch) => this.#writeNewer(prefix, view, batch))) written += count;
    return { written, stale: rows.length - written };
  }

  async exchange(address: ViewAddress, rows: readonly RowExchange[]): Promise<boolean[]> {
    const prefix = entityPrefix(address.entity);
    const view = viewId(address);
    const written: boolean[] = [];
    const exchange = (batch: readonly RowExchange[]) => batch.map((row) => this.#exchangeOne(prefix, view, row));
    for await (const done of this.#inBatches(rows, exchange)) written.push(...done);
    return written;
  }

  /** A few keys a transaction, so that reads and other writes come in between. */
  async drop(address: ViewAddress): Promise<void> {
    const prefix = entityPrefix(address.entity);
    const view = viewId(address);
    let start: Buffer | undefined = prefix;
    while (start !== undefined) {
      this.#requireHeld();
      const keys: Buffer[] = [...this.#rows.getKeys({ start, end: afterPrefix(prefix), limit: writeBatch + 1 })];
      start = keys.length > writeBatch ? keys.pop() : undefined;
      const dropped = keys.filter((key) => viewOfKey(key, prefix.length).equals(view));
      try {
        await this.#rows.transaction(() => {
          for (const key of dropped) this.#rows.removeSync(key);
        });
      } catch (error) {
        throw unavailable(error, 'online store');
      }
    }
  }

  close(): Promise<void> {
    return this.#release();
  }

  #readKey(prefix: Buffer, views: readonly Buffer[]): (Uint8Array | undefined)[] {
    this.#requireHeld();
    try {
      return views.map((view) => this.#rows.get(rowKey(prefix, view)));
    } catch (error) {
      throw unavailable(error, 'online store');
    }
  }

  #exchangeOne(prefix: Buffer, view: Buffer, { key, row, expected }: RowExchange): boolean {
    const place = rowKey(rowPrefix(prefix, key, longestViewId), view);
    const present = this.#rows.getBinaryFast(place);
    if (!isVersion(present, expected)) return false;
    this.#rows.putSync(place, bufferOf(row));
    return true;
  }

  /** Each batch in a transaction of its own. */
  async *#inBatches<R extends { row: Uint8Array }, T>(
    rows: readonly R[],
    work: (batch: readonly R[]) => T,
  ): AsyncGenerator<T> {
    for (let at = 0, end = 0; at < rows.length; at = end) {
      this.#requireHeld();
      end = endOfBatch(rows, at);
      const batch = rows.slice(at, end);
      try {
        yield await this.#rows.transaction(() => work(batch));
      } catch (error) {
        throw unavailable(error, 'online store');
      }
    }
  }

  /** Runs inside LMDB's one write transaction, so that nothing comes between the comparison and the write. */
  #writeNewer(prefix: Buffer, view: Buffer, rows: readonly RowWrite[]): number {
    let written = 0;
    for (const { key, row } of rows) {
      const place = rowKey(rowPrefix(prefix, key, longestViewId), view);
      const present = this.#rows.getBinaryFast(place);
      if (present !== undefined && compareRowVersions(row, present) < 0) continue;
      this.#rows.putSync(place, bufferOf(row));
      written++;
    }
    return written;
  }
}

/** A row that is larger than a transaction should be has one of its own. */
function endOfBatch(rows: readonly { row: Uint8Array }[], start: number): number {
  let bytes = 0;
  let end = start;
  for (; end < Math.min(rows.length, start + writeBatch); end++) {
    bytes += rows[end]?.row.length ?? 0;
    if (end > start && bytes > writeBytes) break;
  }
  return end;
}
