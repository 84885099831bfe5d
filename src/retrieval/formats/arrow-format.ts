import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Map_,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import type { ColumnBatch, TypedColumn } from '../../../providers/contract/table.ts';
import type {
  MapType,
  MapValue,
  Scalar,
  ScalarName,
  Value,
  ValueType,
} from '../../../providers/contract/value-type.ts';
import { turn } from '../../turns.ts';

const scalars: Record<ScalarName, () => DataType> = {
  BOOL: () => new Bool(),
  INT32: () => new Int32(),
  INT64: () => new Int64(),
  FLOAT32: () => new Float32(),
  FLOAT64: () => new Float64(),
  STRING: () => new Utf8(),
  BYTES: () => new Binary(),
  DATE: () => new DateDay(),
  TIMESTAMP: () => new TimestampMicrosecond('UTC'),
};

/** Rows in Apache Arrow's streaming format, a record batch a batch. Vectors are fixed-size lists of FLOAT32, maps those of Arrow. */
export async function* arrowStream(
  columns: readonly TypedColumn[],
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<Uint8Array> {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, arrowType(type), true)));
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  const written = writer[Symbol.asyncIterator]();
  const writing = (async () => {
    for await (const batch of batches) {
      await turn();
      writer.write(recordBatch(schema, columns, batch));
    }
    writer.close();
  })();
  writing.catch((error: unknown) => writer.abort(error));
  for (let part = await written.next(); !part.done; part = await written.next()) yield part.value;
  await writing;
}

function arrowType(type: ValueType): DataType {
  switch (type.kind) {
    case 'SCALAR':
      return scalars[type.name]();
    case 'ARRAY':
      return new List(new Field('item', scalars[type.element](), true));
    case 'VECTOR':
      return new FixedSizeList(type.dimensions, new Field('item', new Float32(), false));
    case 'MAP':
      return new Map_(new Field('entries', entryType(type), false));
  }
}

function entryType({ key, element }: MapType): Struct {
  return new Struct([new Field('key', scalars[key](), false), new Field('value', scalars[element](), true)]);
}

function recordBatch(
  schema: Schema,
  columns: readonly TypedColumn[],
  { size, columns: values }: ColumnBatch,
): RecordBatch {
  const children = columns.map(({ type }, at) => columnData(type, values[at] ?? [], size));
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: size, nullCount: 0, children }));
}

function columnData(type: ValueType, values: readonly Value[], length: number): Data {
  if (type.kind === 'SCALAR') return scalarData(type.name, values as (Scalar | null)[]);
  if (type.kind === 'ARRAY') return listData(type, values as ((Scalar | null)[] | null)[]);
  if (type.kind === 'MAP') return mapData(type, values as (MapValue | null)[]);
  const child = new Float32Array(length * type.dimensions);
  for (const [row, vector] of values.entries()) {
    if (vector !== null) child.set(vector as ArrayLike<number>, row * type.dimensions);
  }
  const items = makeData({ type: new Float32(), data: child, nullCount: 0 });
  return makeData({ type: arrowType(type) as FixedSizeList, length, ...validity(values), child: items });
}

function listData(type: Extract<ValueType, { kind: 'ARRAY' }>, values: readonly ((Scalar | null)[] | null)[]): Data {
  const valueOffsets = offsetsOf(values.map((list) => list?.length ?? 0));
  const child = scalarData(
    type.element,
    values.flatMap((list) => list ?? []),
  );
  return makeData({ type: arrowType(type) as List, length: values.length, ...validity(values), valueOffsets, child });
}

function mapData(type: MapType, values: readonly (MapValue | null)[]): Data {
  const valueOffsets = offsetsOf(values.map((map) => map?.size ?? 0));
  const entries = values.flatMap((map) => (map === null ? [] : [...map]));
  const children = [
    scalarData(
      type.key,
      entries.map(([key]) => key),
    ),
    scalarData(
      type.element,
      entries.map(([, value]) => value),
    ),
  ];
  const child = makeData({ type: entryType(type), length: entries.length, nullCount: 0, children });
  return makeData({ type: arrowType(type) as Map_, length: values.length, ...validity(values), valueOffsets, child });
}

/** Where each value begins among all that are in them, by how many each has. */
function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  for (const [row, length] of lengths.entries()) offsets[row + 1] = (offsets[row] as number) + length;
  return offsets;
}

function scalarData(name: ScalarName, values: readonly (Scalar | null)[]): Data {
  const length = values.length;
  const type = scalars[name]();
  const nulls = validity(values);
  if (name === 'STRING' || name === 'BYTES') return variableData(type as Utf8 | Binary, values, nulls);
  if (name === 'BOOL')
    return makeData({ type: type as Bool, length, ...nulls, data: bitmap(values, (value) => value === true) });
  if (name === 'INT64' || name === 'TIMESTAMP') {
    return makeData({
      type: type as Int64,
      length,
      ...nulls,
      data: BigInt64Array.from(values as bigint[], (value) => value ?? 0n),
    });
  }
  const numbers = values as (number | null)[];
  if (name === 'FLOAT64')
    return makeData({
      type: type as Float64,
      length,
      ...nulls,
      data: Float64Array.from(numbers, (value) => value ?? 0),
    });
  if (name === 'FLOAT32')
    return makeData({
      type: type as Float32,
      length,
      ...nulls,
      data: Float32Array.from(numbers, (value) => value ?? 0),
    });
  return makeData({ type: type as Int32, length, ...nulls, data: Int32Array.from(numbers, (value) => value ?? 0) });
}

function variableData(type: Utf8 | Binary, values: readonly (Scalar | null)[], nulls: Validity): Data {
  const parts = values.map((value) => (value === null ? Buffer.alloc(0) : Buffer.from(value as string)));
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [row, part] of parts.entries()) valueOffsets[row + 1] = (valueOffsets[row] as number) + part.length;
  return makeData({
    type: type as Utf8,
    length: values.length,
    ...nulls,
    valueOffsets,
    data: new Uint8Array(Buffer.concat(parts)),
  });
}

type Validity = { nullCount: number; nullBitmap: Uint8Array };

function validity(values: readonly Value[]): Validity {
  const nullCount = values.reduce<number>((count, value) => (value === null ? count + 1 : count), 0);
  return { nullCount, nullBitmap: bitmap(values, (value) => value !== null) };
}

function bitmap(values: readonly Value[], set: (value: Value) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [row, value] of values.entries()) {
    if (set(value)) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  }
  return bits;
}
