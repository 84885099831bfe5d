import { bufferOf } from './bytes.ts';
import { Failure } from './failure.ts';
import { type ByteWriter, type Cursor, readLength, readText } from './row-bytes.ts';
import {
  formatValueType,
  type MapType,
  type Scalar,
  type ScalarName,
  type Value,
  type ValueType,
} from './value-type.ts';

/** How one column is written to a packed row and read from it; `online-row.ts` has the picture. */
export type ValueCodec = {
  readonly slotSize: number;
  write(writer: ByteWriter, slot: number, rowStart: number, value: NonNullable<Value>): void;
  read(row: Uint8Array, view: DataView, slot: number): Value;
};

type FixedCodec = {
  readonly size: number;
  set(view: DataView, at: number, value: NonNullable<Value>): void;
  get(view: DataView, at: number): Scalar;
};

/** Content of any length: appended to the end of a row, and read from where the cursor stands. */
type ContentCodec = {
  append(writer: ByteWriter, value: NonNullable<Value>): void;
  take(row: Uint8Array, view: DataView, cursor: Cursor): NonNullable<Value>;
};

type ElementCodec = {
  append(writer: ByteWriter, value: NonNullable<Value>): void;
  take(row: Uint8Array, view: DataView, cursor: Cursor): Scalar;
};

export function valueCodec(type: ValueType): ValueCodec {
  switch (type.kind) {
    case 'SCALAR': {
      const fixed = fixedCodec(type.name);
      return fixed === undefined ? contentColumn(textOrBytes(type.name)) : fixedColumn(fixed);
    }
    case 'ARRAY':
      return contentColumn(arrayCodec(type.element));
    case 'VECTOR':
      return contentColumn(vectorCodec(type));
    case 'MAP':
      return contentColumn(mapCodec(type));
  }
}

function fixedColumn(codec: FixedCodec): ValueCodec {
  return {
    slotSize: codec.size,
    write: (writer, slot, _rowStart, value) => codec.set(writer.view, slot, value),
    read: (_row, view, slot) => codec.get(view, slot),
  };
}

const offsetSize = 4;
const cursor: Cursor = { at: 0 };

function contentColumn(codec: ContentCodec): ValueCodec {
  return {
    slotSize: offsetSize,
    write(writer, slot, rowStart, value) {
      writer.view.setUint32(slot, writer.end - rowStart, true);
      codec.append(writer, value);
    },
    read(row, view, slot) {
      cursor.at = view.getUint32(slot, true);
      return codec.take(row, view, cursor);
    },
  };
}

function fixedCodec(name: ScalarName): FixedCodec | undefined {
  switch (name) {
    case 'BOOL':
      return boolCodec;
    case 'INT32':
    case 'DATE':
      return int32Codec(name);
    case 'INT64':
    case 'TIMESTAMP':
      return int64Codec(name);
    case 'FLOAT32':
      return float32Codec;
    case 'FLOAT64':
      return float64Codec;
    default:
      return undefined;
  }
}

const boolCodec: FixedCodec = {
  size: 1,
  set(view, at, value) {
    if (typeof value !== 'boolean') throw misfit('BOOL', value);
    view.setUint8(at, value ? 1 : 0);
  },
  get: (view, at) => view.getUint8(at) === 1,
};

function int32Codec(name: ScalarName): FixedCodec {
  return {
    size: 4,
    set(view, at, value) {
      if (typeof value !== 'number' || (value | 0) !== value) throw misfit(name, value);
      view.setInt32(at, value, true);
    },
    get: (view, at) => view.getInt32(at, true),
  };
}

function int64Codec(name: ScalarName): FixedCodec {
  return {
    size: 8,
    set(view, at, value) {
      if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw misfit(name, value);
      view.setBigInt64(at, value, true);
    },
    get: (view, at) => view.getBigInt64(at, true),
  };
}

const float32Codec: FixedCodec = {
  size: 4,
  set(view, at, value) {
    if (typeof value !== 'number') throw misfit('FLOAT32', value);
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw misfit('FLOAT32', value);
    view.setFloat32(at, value, true);
  },
  get: (view, at) => view.getFloat32(at, true),
};

const float64Codec: FixedCodec = {
  size: 8,
  set(view, at, value) {
    if (typeof value !== 'number') throw misfit('FLOAT64', value);
    view.setFloat64(at, value, true);
  },
  get: (view, at) => view.getFloat64(at, true),
};

function textOrBytes(name: ScalarName): ElementCodec {
  return name === 'STRING' ? textCodec : bytesCodec;
}

const textCodec: ElementCodec = {
  append(writer, value) {
    if (typeof value !== 'string' || !value.isWellFormed()) throw misfit('STRING', value);
    writer.appendText(value);
  },
  take(row, _view, at) {
    const length = readLength(row, at);
    const start = at.at;
    at.at = start + length;
    return readText(row, start, at.at);
  },
};

const bytesCodec: ElementCodec = {
  append(writer, value) {
    if (!(value instanceof Uint8Array)) throw misfit('BYTES', value);
    writer.appendLength(value.length);
    writer.appendBytes(value);
  },
  take(row, _view, at) {
    const length = readLength(row, at);
    const start = at.at;
    at.at = start + length;
    return copyOf(row, start, at.at);
  },
};

function elementCodec(name: ScalarName): ElementCodec {
  const fixed = fixedCodec(name);
  if (fixed === undefined) return textOrBytes(name);
  return {
    append(writer, value) {
      const at = writer.claim(fixed.size);
      fixed.set(writer.view, at, value);
    },
    take(_row, view, at) {
      const value = fixed.get(view, at.at);
      at.at += fixed.size;
      return value;
    },
  };
}

function arrayCodec(name: ScalarName): ContentCodec {
  const element = elementCodec(name);
  return {
    append(writer, value) {
      if (!Array.isArray(value)) throw misfit(`${name}[]`, value);
      const holdsNulls = value.includes(null);
      writer.appendLength(value.length * 2 + (holdsNulls ? 1 : 0));
      const bitmap = holdsNulls ? writer.claimZeroed((value.length + 7) >> 3) : 0;
      for (const [index, each] of value.entries()) {
        if (each === null) writer.setBit(bitmap, index);
        else element.append(writer, each);
      }
    },
    take(row, view, at) {
      const coded = readLength(row, at);
      const values = new Array<Scalar | null>(Math.floor(coded / 2));
      const bitmap = at.at;
      if (coded % 2 === 1) at.at += (values.length + 7) >> 3;
      for (let index = 0; index < values.length; index++) {
        const isNull = coded % 2 === 1 && ((row[bitmap + (index >> 3)] ?? 0) >> (index & 7)) & 1;
        values[index] = isNull ? null : element.take(row, view, at);
      }
      return values;
    },
  };
}

/** All keys, then all elements, as two arrays. */
function mapCodec({ key, element }: MapType): ContentCodec {
  const [keys, elements] = [arrayCodec(key), arrayCodec(element)];
  return {
    append(writer, value) {
      if (!(value instanceof Map)) throw misfit(`MAP(${key}, ${element})`, value);
      keys.append(writer, [...value.keys()]);
      elements.append(writer, [...value.values()]);
    },
    take(row, view, at) {
      const names = keys.take(row, view, at) as Scalar[];
      const values = elements.take(row, view, at) as (Scalar | null)[];
      return new Map(names.map((name, index) => [name, values[index] ?? null]));
    },
  };
}

/** Components are copied as they lie in memory: every platform that Node runs on here is little-endian. */
function vectorCodec(type: ValueType & { kind: 'VECTOR' }): ContentCodec {
  return {
    append(writer, value) {
      if (!(value instanceof Float32Array) || value.length !== type.dimensions) {
        throw misfit(formatValueType(type), value);
      }
      writer.appendBytes(bufferOf(value));
    },
    take(row, _view, at) {
      return new Float32Array(copyOf(row, at.at, at.at + type.dimensions * 4).buffer);
    },
  };
}

/** A copy with a buffer of its own, whatever kind of array the row is. */
function copyOf(row: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(end - start);
  copy.set(row.subarray(start, end));
  return copy;
}

function misfit(type: string, value: Value): Failure {
  return new Failure('INVALID_INPUT', `${shown(value)} does not fit the type ${type}.`);
}

function shown(value: Value): string {
  if (typeof value === 'string') return value.isWellFormed() ? 'Text' : 'Text with half of a surrogate pair';
  if (Array.isArray(value)) return `A list of ${value.length}`;
  if (value instanceof Map) return `A map of ${value.size}`;
  if (value instanceof Float32Array) return `A vector of ${value.length} dimensions`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return `${typeof value} ${String(value)}`;
}
