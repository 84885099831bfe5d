import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import { formatValueType, metrics, parseValueType } from '../contract/value-type.ts';
import type { VectorIndex } from '../contract/vector-store.ts';
import * as keys from './vector-keys.ts';
import { type Records, removeRange } from './vector-points.ts';

export type CatalogEntry = { number: number; index: VectorIndex };

const storedShape = z.object({
  dimensions: z.number(),
  metric: z.enum(metrics),
  payload: z.array(z.tuple([z.string(), z.string()])),
});

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
    if (entry === undefined) {
      throw new Failure('NOT_FOUND', `There is no vector index ${id}. Materialize the view of its embedding first.`);
    }
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
    if (present.equals(shape)) return;
    throw new Failure(
      'CONFLICT',
      `The vector index ${index.id} has another shape: ${present}, not ${shape}. Drop it, or use another id.`,
    );
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

/** Equal for equal shapes: the order of the payload's features means nothing. */
function writtenShape({ dimensions, metric, payload }: VectorIndex): string {
  const features = payload.map(({ name, type }) => [name, formatValueType(type)] as const);
  return JSON.stringify({ dimensions, metric, payload: features.toSorted(([a], [b]) => (a < b ? -1 : 1)) });
}

function readShape(id: string, text: string): VectorIndex {
  const { payload, ...shape } = storedShape.parse(JSON.parse(text));
  const features = payload.map(([name, written]) => {
    const type = parseValueType(written);
    if (type === undefined) throw new Failure('UNSUPPORTED', `The vector index ${id} has the unknown type ${written}.`);
    return { name, type };
  });
  return { id, ...shape, payload: features };
}

function bytesOf(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
