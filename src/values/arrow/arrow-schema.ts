import { Damaged, type FlatTable } from './flat-table.ts';

type IntType = { kind: 'INT'; bits: number; isSigned: boolean };
type TextType = { kind: 'TEXT' | 'BYTES'; isLong: boolean };

/** The types of Arrow that have one of ours. `OTHER` has none. */
export type ArrowType =
  | { kind: 'NULL' | 'BOOL' }
  | IntType
  | TextType
  | { kind: 'FLOAT'; bits: number }
  | { kind: 'DATE'; bits: number }
  | { kind: 'TIMESTAMP'; unit: number }
  | { kind: 'LIST'; isLong: boolean; element: ArrowType }
  | { kind: 'VECTOR'; size: number; element: ArrowType }
  | { kind: 'DICTIONARY'; id: number; index: IntType; texts: TextType }
  | { kind: 'OTHER'; name: string };

export type ArrowField = { name: string; type: ArrowType };

/** How deep lists may lie in one another. */
const deepest = 4;

/** The columns that a schema names. */
export function fieldsOf(schema: FlatTable): ArrowField[] {
  if (schema.short(0, 0) !== 0) throw new Damaged('its numbers are big-endian');
  return schema.tables(1).map((field) => ({ name: field.text(0) ?? '', type: typeOf(field, deepest) }));
}

/** The type of no column, but of the texts that columns refer to. */
export function dictionariesOf(fields: readonly ArrowField[]): Map<number, TextType> {
  return new Map(
    fields.flatMap(({ type }) => {
      let inner = type;
      while (inner.kind === 'LIST' || inner.kind === 'VECTOR') inner = inner.element;
      return inner.kind === 'DICTIONARY' ? [[inner.id, inner.texts] as const] : [];
    }),
  );
}

/** What of a type is none of ours; undefined where it is. */
export function unknownIn(type: ArrowType): string | undefined {
  if (type.kind === 'LIST' || type.kind === 'VECTOR') return unknownIn(type.element);
  return type.kind === 'OTHER' ? type.name : undefined;
}

function typeOf(field: FlatTable, depth: number): ArrowType {
  const encoding = field.table(4);
  if (encoding === undefined) return plainTypeOf(field, depth);
  const texts = plainTypeOf(field, depth);
  if (texts.kind !== 'TEXT') return { kind: 'OTHER', name: 'a dictionary of what is no text' };
  const given = encoding.table(1);
  const index = given === undefined ? ({ kind: 'INT', bits: 32, isSigned: true } as const) : intOf(given);
  return { kind: 'DICTIONARY', id: encoding.long(0), index, texts };
}

/** By the numbers of the union `Type` in Arrow's Schema.fbs. */
function plainTypeOf(field: FlatTable, depth: number): ArrowType {
  const number = field.byte(2, 0);
  const read = readers[number];
  const type = field.table(3);
  if (read === undefined || type === undefined) return { kind: 'OTHER', name: names[number] ?? `type ${number}` };
  return read(type, field, depth);
}

type Reader = (type: FlatTable, field: FlatTable, depth: number) => ArrowType;

const readers: Record<number, Reader> = {
  1: () => ({ kind: 'NULL' }),
  2: (type) => intOf(type),
  3: (type) => floatOf(type.short(0, 0)),
  4: () => ({ kind: 'BYTES', isLong: false }),
  5: () => ({ kind: 'TEXT', isLong: false }),
  6: () => ({ kind: 'BOOL' }),
  8: (type) => ({ kind: 'DATE', bits: type.short(0, 1) === 0 ? 32 : 64 }),
  10: (type) => ({ kind: 'TIMESTAMP', unit: type.short(0, 0) }),
  12: (_, field, depth) => ({ kind: 'LIST', isLong: false, element: elementOf(field, depth) }),
  16: (type, field, depth) => ({ kind: 'VECTOR', size: sizeOf(type.int(0, 0)), element: elementOf(field, depth) }),
  19: () => ({ kind: 'BYTES', isLong: true }),
  20: () => ({ kind: 'TEXT', isLong: true }),
  21: (_, field, depth) => ({ kind: 'LIST', isLong: true, element: elementOf(field, depth) }),
};

/** Of those that are refused, to say which. */
const names: Record<number, string> = {
  7: 'a decimal',
  9: 'a time of day',
  11: 'an interval',
  13: 'a struct',
  14: 'a union',
  15: 'bytes of a fixed size',
  17: 'a map',
  18: 'a duration',
  22: 'run-end encoded',
  23: 'a view of bytes',
  24: 'a view of texts',
  25: 'a view of lists',
  26: 'a view of lists',
};

function intOf(type: FlatTable): IntType {
  const bits = type.int(0, 0);
  if (![8, 16, 32, 64].includes(bits)) throw new Damaged(`whole numbers have no ${bits} bits`);
  return { kind: 'INT', bits, isSigned: type.byte(1, 0) !== 0 };
}

function floatOf(precision: number): ArrowType {
  if (precision === 1 || precision === 2) return { kind: 'FLOAT', bits: 32 * precision };
  return { kind: 'OTHER', name: 'a float of 16 bits' };
}

function sizeOf(size: number): number {
  if (size < 0) throw new Damaged(`lists have no size of ${size}`);
  return size;
}

function elementOf(field: FlatTable, depth: number): ArrowType {
  const [element, ...others] = field.tables(5);
  if (element === undefined || others.length > 0) throw new Damaged('a list has other than one type of elements');
  return depth === 0 ? { kind: 'OTHER', name: 'lists too deep in one another' } : typeOf(element, depth - 1);
}
