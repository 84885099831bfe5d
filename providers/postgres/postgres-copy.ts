import type { ColumnBatch, TypedColumn } from '../contract/table.ts';
import { mistyped } from '../contract/typed-value.ts';
import type { ArrayType, Scalar, Value, ValueType, VectorType } from '../contract/value-type.ts';
import { binaryArray, int16, int32, scalarBytes, typeIds } from './postgres-binary.ts';
import { mapText } from './postgres-maps.ts';

/** The header and the end of COPY's binary format, as the chapter on COPY in PostgreSQL's manual describes it. */
export const copyHeader = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
export const copyEnd = Buffer.from([0xff, 0xff]);

/** The rows of a batch in COPY's binary format. `first` is the number of the batch's first row, for messages. */
export function copyRows({ size, columns }: ColumnBatch, typed: readonly TypedColumn[], first: number): Buffer {
  const parts: Buffer[] = [];
  const count = int16(typed.length);
  for (let row = 0; row < size; row++) {
    parts.push(count);
    typed.forEach(({ name, type }, index) => {
      const value = columns[index]?.[row] ?? null;
      appendField(parts, value, type, `rows[${first + row}].${name}`);
    });
  }
  return Buffer.concat(parts);
}

const nullField = int32(-1);

/** A value that is not null as COPY's binary format has it; one that PostgreSQL can't hold fails with INVALID_INPUT. */
export function fieldBytes(value: Value, type: ValueType, path: string): Buffer {
  if (type.kind === 'MAP') return Buffer.from(mapText(value, type, path));
  return type.kind === 'SCALAR' ? scalarBytes(value, type.name, path) : arrayBytes(value, type, path);
}

function appendField(parts: Buffer[], value: Value, type: ValueType, path: string): void {
  if (value === null) {
    parts.push(nullField);
    return;
  }
  const bytes = fieldBytes(value, type, path);
  parts.push(int32(bytes.length), bytes);
}

function arrayBytes(value: Value, type: ArrayType | VectorType, path: string): Buffer {
  const element = type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  const items = itemsOf(value, type);
  if (items === undefined) throw mistyped(path, type);
  const elements = items.map((item, index) => (item === null ? null : scalarBytes(item, element, `${path}[${index}]`)));
  return binaryArray(typeIds[element], elements);
}

function itemsOf(value: Value, type: ValueType): (Scalar | null)[] | undefined {
  if (type.kind === 'ARRAY') return Array.isArray(value) ? value : undefined;
  const whole = value instanceof Float32Array && type.kind === 'VECTOR' && value.length === type.dimensions;
  return whole ? Array.from(value) : undefined;
}
