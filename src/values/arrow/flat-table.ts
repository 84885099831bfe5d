/** Why bytes are no table of Arrow's, or contradict themselves. */
export class Damaged extends Error {}

/** How many tables may be visited in one buffer, and how many bytes of texts: offsets may lead to the same ones often. */
type Budget = { tables: number; bytes: number };

const mostTables = 20_000;

/**
 * A table of FlatBuffers (https://flatbuffers.dev/internals), read as if by an enemy: each offset and length is looked at
 * before it is followed, and what is beyond the buffer throws a RangeError. No more is visited than the budget holds,
 * wherever offsets lead.
 */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #slots: number;
  readonly #slotsSize: number;
  readonly #budget: Budget;

  private constructor(view: DataView, at: number, budget: Budget) {
    if (budget.tables-- <= 0) throw new Damaged('it has too many tables');
    this.#view = view;
    this.#at = at;
    this.#slots = at - view.getInt32(at, true);
    this.#slotsSize = view.getUint16(this.#slots, true);
    this.#budget = budget;
  }

  static rootOf(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true), { tables: mostTables, bytes: bytes.byteLength });
  }

  byte(slot: number, otherwise: number): number {
    const at = this.#find(slot);
    return at === undefined ? otherwise : this.#view.getUint8(at);
  }

  short(slot: number, otherwise: number): number {
    const at = this.#find(slot);
    return at === undefined ? otherwise : this.#view.getInt16(at, true);
  }

  int(slot: number, otherwise: number): number {
    const at = this.#find(slot);
    return at === undefined ? otherwise : this.#view.getInt32(at, true);
  }

  /** A length, an offset or an id, which are never negative. */
  long(slot: number): number {
    const at = this.#find(slot);
    return at === undefined ? 0 : lengthAt(this.#view, at);
  }

  text(slot: number): string | undefined {
    const vector = this.#vector(slot, 1);
    if (vector === undefined) return undefined;
    this.#budget.bytes -= vector.length;
    if (this.#budget.bytes < 0) throw new Damaged('its texts are longer than it is');
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + vector.at, vector.length).toString('utf8');
  }

  table(slot: number): FlatTable | undefined {
    const at = this.#find(slot);
    return at === undefined ? undefined : this.#tableAt(at);
  }

  tables(slot: number): FlatTable[] {
    const { at, length } = this.#vector(slot, 4) ?? { at: 0, length: 0 };
    return Array.from({ length }, (_, nth) => this.#tableAt(at + 4 * nth));
  }

  /** Pairs of lengths, as nodes and buffers are; fails where they are not as many as expected. */
  pairs(slot: number, expected: number): [number, number][] {
    const { at, length } = this.#vector(slot, 16) ?? { at: 0, length: 0 };
    if (length !== expected) throw new Damaged(`it has ${length} nodes or buffers, not ${expected}`);
    const pair = (nth: number): [number, number] => [
      lengthAt(this.#view, at + 16 * nth),
      lengthAt(this.#view, at + 16 * nth + 8),
    ];
    return Array.from({ length }, (_, nth) => pair(nth));
  }

  #tableAt(at: number): FlatTable {
    return new FlatTable(this.#view, at + this.#view.getUint32(at, true), this.#budget);
  }

  #vector(slot: number, width: number): { at: number; length: number } | undefined {
    const found = this.#find(slot);
    if (found === undefined) return undefined;
    const at = found + this.#view.getUint32(found, true);
    const length = this.#view.getUint32(at, true);
    if (at + 4 + length * width > this.#view.byteLength) throw new Damaged('a list is longer than its message');
    return { at: at + 4, length };
  }

  #find(slot: number): number | undefined {
    const entry = 4 + 2 * slot;
    const offset = entry + 2 > this.#slotsSize ? 0 : this.#view.getUint16(this.#slots + entry, true);
    return offset === 0 ? undefined : this.#at + offset;
  }
}

function lengthAt(view: DataView, at: number): number {
  const length = Number(view.getBigInt64(at, true));
  if (!Number.isSafeInteger(length) || length < 0) throw new Damaged(`${length} is no length`);
  return length;
}
