import { bufferOf } from './bytes.ts';
import { Failure } from './failure.ts';

const initialCapacity = 1 << 16;
const keptCapacity = 1 << 24;
const timeBias = 1n << 63n;

/** A buffer that grows and is used again: rows are built in it and copied out once. */
export class ByteWriter {
  end = 0;
  bytes = Buffer.alloc(initialCapacity);
  view = viewOf(this.bytes);

  reset(): void {
    this.end = 0;
    if (this.bytes.length > keptCapacity) this.#resize(initialCapacity);
  }

  /** Reserves `size` bytes of unknown content and returns where they begin. `view` may change. */
  claim(size: number): number {
    const start = this.end;
    this.end += size;
    if (this.end > this.bytes.length) this.#resize(Math.max(this.end, this.bytes.length * 2));
    return start;
  }

  claimZeroed(size: number): number {
    const start = this.claim(size);
    this.bytes.fill(0, start, this.end);
    return start;
  }

  copy(start: number, end: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.bytes, start, end);
  }

  setByte(at: number, value: number): void {
    this.bytes[at] = value;
  }

  setCount(at: number, value: number): void {
    this.view.setUint16(at, value);
  }

  setBit(bitmap: number, bit: number): void {
    const at = bitmap + (bit >> 3);
    this.bytes[at] = (this.bytes[at] ?? 0) | (1 << (bit & 7));
  }

  /** Expects zeros at `at`, which stand for null. */
  setSortableTime(at: number, time: bigint | null): void {
    if (time === null) return;
    if (time <= -timeBias || time >= timeBias) {
      throw new Failure('INVALID_INPUT', `${time} is no row time; it is in microseconds, above −2^63 and below 2^63.`);
    }
    this.view.setBigInt64(at, time);
    this.bytes[at] = (this.bytes[at] ?? 0) ^ 0x80;
  }

  appendLength(length: number): void {
    let rest = length;
    while (rest >= 0x80) {
      this.setByte(this.claim(1), (rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.setByte(this.claim(1), rest);
  }

  appendBytes(content: Uint8Array): void {
    const start = this.claim(content.length);
    this.bytes.set(content, start);
  }

  appendText(text: string): void {
    const size = Buffer.byteLength(text, 'utf8');
    this.appendLength(size);
    const start = this.claim(size);
    this.bytes.write(text, start, size, 'utf8');
  }

  #resize(capacity: number): void {
    const bytes = Buffer.alloc(capacity);
    this.bytes.copy(bytes, 0, 0, Math.min(capacity, this.bytes.length));
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
}

/** Where the next content is read; readers move it on. */
export type Cursor = { at: number };

export function readLength(row: Uint8Array, cursor: Cursor): number {
  let length = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = row[cursor.at++] ?? 0;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return length;
  }
}

export function readText(row: Uint8Array, start: number, end: number): string {
  return (Buffer.isBuffer(row) ? row : bufferOf(row)).toString('utf8', start, end);
}

let lastRow: Uint8Array | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** Columns of one row are mostly read one after another, so the last row's view is kept. */
export function rowView(row: Uint8Array): DataView {
  if (row !== lastRow) {
    lastView = viewOf(row);
    lastRow = row;
  }
  return lastView;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
