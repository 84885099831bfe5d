import { noIndex, readShape, requireShape, writtenShape } from '../contract/vector-shape.ts';
import type { VectorIndex } from '../contract/vector-store.ts';
import * as keys from './vector-keys.ts';
import { type Records, removeRange } from './vector-points.ts';

export type CatalogEntry = { number: number; index: VectorIndex };

/** The indexes of a project. Each has a number that no other index ever had, by which its records are found. */
export class VectorCatalog {
  readonly #records: Records;
  readonly #entries = new Map<number, CatalogEntry>();

  constructor(records: Records) {
    this.#records = records;
  }

  /** Fails with NOT_FOUND. */
  find(id: string): CatalogEntry {
    const entry = this.#read(id);
    if (entry === undefined) throw noIndex(id);
    return entry;
  }

  async ensure(index: VectorIndex): Promise<void> {
    const key = keys.definitionKey(index.id);
    const shape = Buffer.from(writtenShape(index));
    const present = await this.#records.transaction(() => {
      const known = this.#records.get(key);
      if (known !== undefined) return known.subarray(4);
      const number = (this.#records.get(keys.lastIndexKey)?.readUInt32BE() ?? 0) + 1;
      this.#records.putSync(keys.lastIndexKey, bytesOf(number));
      this.#records.putSync(keys.sectionKey('S', number), keys.encodeState(keys.newState));
      this.#records.putSync(key, Buffer.concat([bytesOf(number), shape]));
      return shape;
    });
    requireShape(index, present.toString());
  }

  /** Forgets the index at once, and then its records; `sweep` finishes what a killed process began. */
  async drop(id: string): Promise<number | undefined> {
    const number = await this.#records.transaction(() => {
      const known = this.#records.get(keys.definitionKey(id))?.readUInt32BE();
      if (known === undefined) return undefined;
      this.#records.putSync(keys.droppedKey(known), bytesOf(known));
      this.#records.removeSync(keys.sectionKey('S', known));
      this.#records.removeSync(keys.definitionKey(id));
      return known;
    });
    await this.sweep();
    return number;
  }

  async sweep(): Promise<void> {
    const all = { start: keys.droppedKey(0), end: keys.droppedKey(0xffffffff) };
    for (const dropped of [...this.#records.getKeys(all)]) {
      const number = dropped.readUInt32BE(1);
      for (const section of keys.sections) {
        const [start, end] = [keys.sectionKey(section, number), keys.sectionKey(section, number + 1)];
        await removeRange(this.#records, { start, end });
      }
      await this.#records.transaction(() => this.#records.removeSync(dropped));
    }
  }

  #read(id: string): CatalogEntry | undefined {
    const bytes = this.#records.get(keys.definitionKey(id));
    if (bytes === undefined) return undefined;
    const number = bytes.readUInt32BE();
    const known = this.#entries.get(number);
    if (known !== undefined) return known;
    const entry = { number, index: readShape(id, bytes.subarray(4).toString()) };
    this.#entries.set(number, entry);
    return entry;
  }
}

function bytesOf(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
