import { bufferOf } from '../contract/bytes.ts';
import type { RowRead, RowReadAnswer } from '../contract/online-store.ts';
import { binaryArray } from './postgres-binary.ts';
import { eachBundled, viewId } from './postgres-online-rows.ts';
import { type Place, placeArrays, placeOf } from './postgres-places.ts';

const uuidType = 2950;

/** The distinct rows that some reads ask for, each under a number from 0, so that one statement can fetch them all. */
export class AskedRows {
  readonly #reads: readonly RowRead[];
  readonly #views: Buffer[] = [];
  readonly #places: Place[] = [];
  /** The numbers of each read's keys and views. */
  readonly #numbers: number[][][];

  constructor(reads: readonly RowRead[]) {
    this.#reads = reads;
    const known = new Map<string, AskedView>();
    this.#numbers = reads.map(({ entity, keys, views }) => {
      const asked = views.map((view) => askedView(known, entity, view));
      return keys.map((key) => this.#numbersOf(key, asked));
    });
  }

  get size(): number {
    return this.#places.length;
  }

  /** The parameters of `readSql`. */
  parameters(): Buffer[] {
    return [binaryArray(uuidType, this.#views), ...placeArrays(this.#places)];
  }

  /** What each read is answered, given the bundles that `readSql` answered with. */
  answers(bundles: readonly string[]): RowReadAnswer[] {
    const found = new Array<Uint8Array | undefined>(this.size);
    for (const bundle of bundles) {
      // The server counts from 1.
      eachBundled(bundle, (number, row) => {
        found[number - 1] = row;
      });
    }
    return this.#reads.map((_, at) => ({
      rows: (this.#numbers[at] ?? []).map((ofKey) => ofKey.map((number) => found[number])),
    }));
  }

  #numbersOf(key: Uint8Array, views: readonly AskedView[]): number[] {
    const identity = bufferOf(key).toString('latin1');
    let place: Place | undefined;
    return views.map(({ id, numbers }) => {
      const known = numbers.get(identity);
      if (known !== undefined) return known;
      place ??= placeOf(key);
      const number = this.#places.push(place) - 1;
      this.#views.push(id);
      numbers.set(identity, number);
      return number;
    });
  }
}

/** A view of an entity, and the numbers of its rows by key. */
type AskedView = { id: Buffer; numbers: Map<string, number> };

function askedView(known: Map<string, AskedView>, entity: string, view: string): AskedView {
  const id = viewId({ entity, view });
  const identity = id.toString('latin1');
  const asked = known.get(identity) ?? { id, numbers: new Map() };
  known.set(identity, asked);
  return asked;
}
