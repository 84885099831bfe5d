import { turn } from '../../turns.ts';
import { type Json, toJson } from '../json-value.ts';
import { type ArrowColumn, type ArrowDictionary, isThere } from './arrow-column.ts';
import { Damaged } from './flat-table.ts';

/** What a table may still hold, in characters of JSON. */
export type Left = { characters: number };

export class TooMuch extends Error {}

/** A value that would be cut if it became one of ours. */
export class Inexact extends Error {
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

/** How many values are read before others are looked after. */
const valuesOfTurn = 5_000;
/** The shortest value in JSON, with what parts it from the next. */
const leastOfValue = 2;

/**
 * Values of a column in the form that they have in JSON, appended to others. What is spent is what they would be as JSON at
 * least, before it is made: so nothing is dearer than in a body of JSON, however few bytes refer to it how often.
 */
export async function readValues(
  column: ArrowColumn,
  from: number,
  to: number,
  left: Left,
  read: Json[],
): Promise<void> {
  spend(left, leastOfValue * (to - from));
  const { elements, offsets } = column;
  const items: Json[] = [];
  const first = offsets(from);
  if (elements !== undefined) await readValues(elements, first, offsets(to), left, items);
  const one = elements === undefined ? await readerOf(column, left) : listAt;
  for (let at = from; at < to; at += valuesOfTurn) {
    await turn();
    const end = Math.min(to, at + valuesOfTurn);
    for (let nth = at; nth < end; nth++) read.push(isThere(column, nth) ? one(nth) : null);
  }

  function listAt(at: number): Json {
    return items.slice(offsets(at) - first, offsets(at + 1) - first);
  }
}

type ReadOne = (at: number) => Json;

/** How one value of a column is read that is no list. */
async function readerOf({ type, values, offsets, dictionary }: ArrowColumn, left: Left): Promise<ReadOne> {
  switch (type.kind) {
    case 'BOOL':
      return (at) => (values.getUint8(at >> 3) & (1 << (at & 7))) !== 0;
    case 'INT':
      return integerReader(values, type.bits, type.isSigned);
    case 'FLOAT':
      return type.bits === 32
        ? (at) => toJson({ kind: 'SCALAR', name: 'FLOAT32' }, values.getFloat32(4 * at, true))
        : (at) => toJson({ kind: 'SCALAR', name: 'FLOAT64' }, values.getFloat64(8 * at, true));
    case 'TEXT':
      return (at) => textOf(bytesAt(at));
    case 'BYTES':
      return (at) => bytesAt(at).toString('base64');
    case 'DATE':
      return (at) => dayOf(type.bits === 32 ? values.getInt32(4 * at, true) : values.getBigInt64(8 * at, true));
    case 'TIMESTAMP':
      return (at) => instantOf(values.getBigInt64(8 * at, true), type.unit);
    case 'DICTIONARY':
      return dictionaryReader(
        await textsOf(dictionary, left),
        integerReader(values, type.index.bits, type.index.isSigned),
        left,
      );
    default:
      return () => null;
  }

  function bytesAt(at: number): Buffer {
    const start = offsets(at);
    const length = offsets(at + 1) - start;
    spend(left, length);
    return Buffer.from(values.buffer, values.byteOffset + start, length);
  }
}

function integerReader(values: DataView, bits: number, isSigned: boolean): (at: number) => number | string {
  if (bits === 8) return isSigned ? (at) => values.getInt8(at) : (at) => values.getUint8(at);
  if (bits === 16) return isSigned ? (at) => values.getInt16(2 * at, true) : (at) => values.getUint16(2 * at, true);
  if (bits === 32) return isSigned ? (at) => values.getInt32(4 * at, true) : (at) => values.getUint32(4 * at, true);
  const read = (at: number) => (isSigned ? values.getBigInt64(8 * at, true) : values.getBigUint64(8 * at, true));
  return (at) => {
    const value = read(at);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  };
}

/** Texts are read once, however often they are referred to. */
async function textsOf(dictionary: ArrowDictionary | undefined, left: Left): Promise<Json[]> {
  if (dictionary === undefined) throw new Damaged('it has no dictionary');
  if (dictionary.texts === undefined) {
    const texts: Json[] = [];
    await readValues(dictionary.column, 0, dictionary.column.length, left, texts);
    dictionary.texts = texts;
  }
  return dictionary.texts;
}

function dictionaryReader(texts: readonly Json[], index: (at: number) => number | string, left: Left): ReadOne {
  return (at) => {
    const text = texts[Number(index(at))];
    if (text === undefined) throw new Damaged('it refers to no text');
    if (typeof text === 'string') spend(left, text.length);
    return text;
  };
}

/** A decoder that drops no mark of byte order, and puts nothing in the place of what is no UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Inexact('has a text that is no UTF-8', 'Send it as bytes.');
  }
}

/** Seconds, milliseconds, microseconds and nanoseconds, in microseconds. */
const microseconds = [1_000_000n, 1_000n, 1n];

function instantOf(count: bigint, unit: number): Json {
  const scale = microseconds[unit];
  if (scale === undefined && count % 1_000n !== 0n)
    throw new Inexact('has an instant with nanoseconds', 'Round it to microseconds.');
  const value = scale === undefined ? count / 1_000n : count * scale;
  return toJson({ kind: 'SCALAR', name: 'TIMESTAMP' }, value);
}

const dayMilliseconds = 86_400_000n;

function dayOf(count: number | bigint): Json {
  if (typeof count === 'bigint' && count % dayMilliseconds !== 0n)
    throw new Inexact('has a date with a time of day', 'Send it as a timestamp.');
  const days = typeof count === 'bigint' ? Number(count / dayMilliseconds) : count;
  return toJson({ kind: 'SCALAR', name: 'DATE' }, days);
}

function spend(left: Left, characters: number): void {
  left.characters -= characters;
  if (left.characters < 0) throw new TooMuch();
}
