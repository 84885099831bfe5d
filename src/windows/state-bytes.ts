import { bufferOf } from '../../providers/contract/bytes.ts';
import { ByteWriter, type Cursor, readLength } from '../../providers/contract/row-bytes.ts';
import type { Scalar, ScalarName } from '../../providers/contract/value-type.ts';

/** What states are written with: numbers, lengths, and values of a column's type. */
export class StateWriter extends ByteWriter {
  appendNumber(value: number): void {
    const start = this.claim(8);
    this.view.setFloat64(start, value, true);
  }

  /** Any integer: its length, then its bytes, the sign in the first. */
  appendInteger(value: bigint): void {
    const digits = (value < 0n ? -value : value).toString(16);
    const bytes = Buffer.from(value === 0n ? '' : digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
    this.appendLength(bytes.length * 2 + (value < 0n ? 1 : 0));
    this.appendBytes(bytes);
  }

  appendValue(value: Scalar): void {
    if (typeof value === 'boolean') this.appendLength(value ? 1 : 0);
    else if (typeof value === 'string') this.appendText(value);
    else if (typeof value === 'bigint') this.#appendInt64(value);
    else if (typeof value === 'number') this.appendNumber(value);
    else {
      this.appendLength(value.length);
      this.appendBytes(value);
    }
  }

  #appendInt64(value: bigint): void {
    const start = this.claim(8);
    this.view.setBigInt64(start, value, true);
  }
}

/** Reads what a `StateWriter` wrote, from a place on. */
export class StateReader {
  readonly bytes: Buffer;
  readonly cursor: Cursor;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bufferOf(bytes);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.cursor = { at };
  }

  length(): number {
    return readLength(this.bytes, this.cursor);
  }

  number(): number {
    this.cursor.at += 8;
    return this.#view.getFloat64(this.cursor.at - 8, true);
  }

  take(size: number): Buffer {
    this.cursor.at += size;
    return this.bytes.subarray(this.cursor.at - size, this.cursor.at);
  }

  integer(): bigint {
    const coded = this.length();
    if (coded === 0) return 0n;
    const value = BigInt(`0x${this.take(coded >> 1).toString('hex')}`);
    return coded % 2 === 1 ? -value : value;
  }

  value(type: ScalarName): Scalar {
    switch (type) {
      case 'BOOL':
        return this.length() === 1;
      case 'STRING':
        return this.take(this.length()).toString('utf8');
      case 'BYTES':
        return Uint8Array.from(this.take(this.length()));
      case 'INT64':
      case 'TIMESTAMP':
        this.cursor.at += 8;
        return this.#view.getBigInt64(this.cursor.at - 8, true);
      default:
        return this.number();
    }
  }
}
