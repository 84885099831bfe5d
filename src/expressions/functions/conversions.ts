import { isUtf8 } from 'node:buffer';
import { formatTimestamp, parseTimestamp } from '../../values/timestamp.ts';
import { badConversion, type Cost, type Evaluated, overflow } from '../evaluation.ts';
import { durationText, parseDurationText } from './duration-text.ts';
import { type Overloads, overload } from './overload.ts';
import { floorDivided, inDurationRange, inTimestampRange } from './time-ranges.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const beyondInt64 = 2 ** 63;

function same<T extends Evaluated>(value: T): T {
  return value;
}

function intOfDouble(value: number): Evaluated {
  return value > -beyondInt64 && value < beyondInt64 ? BigInt(Math.trunc(value)) : overflow;
}

function intOfText(text: string): Evaluated {
  if (!/^[+-]?\d{1,30}$/.test(text)) return badConversion;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : overflow;
}

const named: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function doubleOfText(text: string): Evaluated {
  // Digits have one way to be read: with two, a text of digits that ends in a letter would take the square of its length.
  if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  return Object.hasOwn(named, text) ? (named[text] ?? badConversion) : badConversion;
}

function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const truths: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['true', 'True', 'TRUE', 't', '1'].map((text) => [text, true])),
  ...Object.fromEntries(['false', 'False', 'FALSE', 'f', '0'].map((text) => [text, false])),
};

function boolOfText(text: string): Evaluated {
  return Object.hasOwn(truths, text) ? (truths[text] ?? badConversion) : badConversion;
}

/** To be told of it by an error that a decoder throws would take some hundred times as long. */
function textOfBytes(bytes: Uint8Array): Evaluated {
  return isUtf8(bytes) ? decoder.decode(bytes) : badConversion;
}

/** RFC 3339, whose zone may not be left out. What has more decimals than microseconds is refused rather than cut. */
function timestampOfText(text: string): Evaluated {
  const written = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  const value = written ? parseTimestamp(text) : undefined;
  return value === undefined ? badConversion : inTimestampRange(value);
}

function durationOfText(text: string): Evaluated {
  const value = parseDurationText(text);
  return value === undefined ? badConversion : inDurationRange(value);
}

export function timestampText(microseconds: bigint): string {
  return formatTimestamp(microseconds).replace(/\.(\d*?)0+Z$/, '.$1Z');
}

/** Numbers and times are read and written by more than a loop over their characters. */
const number: Cost = { call: 20 };
const time: Cost = { call: 100 };
/** Each two characters may be a part of their own, as in `1h2m`. */
const duration: Cost = { call: 100, each: 60 };
/** Bytes are made and read by the runtime. */
const encoded: Cost = { call: 50 };

export const conversions: Overloads = {
  int: [
    overload(['int'], 'int', same),
    overload(['double'], 'int', intOfDouble),
    overload(['string'], 'int', intOfText, number),
    overload(['timestamp'], 'int', (value: bigint) => floorDivided(value, 1_000_000n)),
    overload(['duration'], 'int', (value: bigint) => value / 1_000_000n),
  ],
  double: [
    overload(['double'], 'double', same),
    overload(['int'], 'double', (value: bigint) => Number(value)),
    overload(['string'], 'double', doubleOfText, number),
  ],
  bool: [overload(['bool'], 'bool', same), overload(['string'], 'bool', boolOfText)],
  bytes: [
    overload(['bytes'], 'bytes', same),
    overload(['string'], 'bytes', (text: string) => encoder.encode(text), encoded),
  ],
  string: [
    overload(['string'], 'string', same),
    overload(['bool'], 'string', (value: boolean) => String(value)),
    overload(['int'], 'string', (value: bigint) => String(value)),
    overload(['double'], 'string', doubleText, number),
    overload(['bytes'], 'string', textOfBytes, encoded),
    overload(['timestamp'], 'string', timestampText, time),
    overload(['duration'], 'string', durationText, time),
  ],
  timestamp: [
    overload(['timestamp'], 'timestamp', same),
    overload(['string'], 'timestamp', timestampOfText, time),
    overload(['int'], 'timestamp', (seconds: bigint) => inTimestampRange(seconds * 1_000_000n)),
  ],
  duration: [
    overload(['duration'], 'duration', same),
    overload(['string'], 'duration', durationOfText, duration),
    overload(['int'], 'duration', (seconds: bigint) => inDurationRange(seconds * 1_000_000n)),
  ],
};
