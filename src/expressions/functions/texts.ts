import { badIndex, type Cost, type Evaluated, limitReached } from '../evaluation.ts';
import { expressionLimits } from '../expression-limits.ts';
import { type Overloads, overload } from './overload.ts';
import { matching } from './patterns.ts';
import { firstPlace, lastPlace, piecesOf } from './text-search.ts';

/** How many characters a text has: code points. */
export function characterCount(text: string): bigint {
  let count = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff) count--;
  }
  return BigInt(count);
}

function substring(text: string, from: bigint, to?: bigint): Evaluated {
  const start = placeOf(text, 0, from);
  const end = to === undefined ? text.length : to < from ? undefined : placeOf(text, start ?? 0, to - from);
  return start === undefined || end === undefined ? badIndex : text.slice(start, end);
}

/** Where so many characters from a place on have ended; undefined beyond the end. */
function placeOf(text: string, from: number, characters: bigint): number | undefined {
  if (characters < 0n || characters > text.length) return undefined;
  let at = from;
  for (let left = Number(characters); left > 0; left--) {
    if (at >= text.length) return undefined;
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}

function indexOf(text: string, part: string): Evaluated {
  const at = firstPlace(text, part);
  return at < 0 ? -1n : characterCount(text.slice(0, at));
}

function lastIndexOf(text: string, part: string): Evaluated {
  const at = lastPlace(text, part);
  return at < 0 ? -1n : characterCount(text.slice(0, at));
}

/** An empty part stands between all characters, at both ends too. */
function replaced(text: string, part: string, by: string): Evaluated {
  const pieces = part === '' ? ['', ...text, ''] : piecesOf(text, part);
  const length = text.length + (pieces.length - 1) * (by.length - part.length);
  return length > expressionLimits.textLength ? limitReached : pieces.join(by);
}

function split(text: string, separator: string): Evaluated {
  const pieces = separator === '' ? [...text] : piecesOf(text, separator);
  return pieces.length > expressionLimits.listElements ? limitReached : pieces;
}

function joinedWith(pieces: readonly Evaluated[], separator = ''): Evaluated {
  if (pieces.includes(null)) return null;
  return joinedLength(pieces, separator) > expressionLimits.textLength ? limitReached : pieces.join(separator);
}

function joinedLength(pieces: readonly Evaluated[], separator = ''): number {
  let length = separator.length * Math.max(0, pieces.length - 1);
  for (const piece of pieces) length += (piece as string | null)?.length ?? 0;
  return length;
}

/** A few pieces of a list can be long texts, and each joining is a text of its own in memory. */
const joining: Cost = {
  made: (pieces: readonly Evaluated[], separator?: string) => joinedLength(pieces, separator) / 4,
};

/** Where a text is gone through for a place. */
const stepsOfSearch = 1;

/** Where a text is taken apart, each character may be a piece. */
const stepsOfPiece = 5;

export const texts: Overloads = {
  '.contains': [
    overload(['string', 'string'], 'bool', (text: string, part: string) => firstPlace(text, part) >= 0, {
      each: stepsOfSearch,
    }),
  ],
  '.startsWith': [overload(['string', 'string'], 'bool', (text: string, part: string) => text.startsWith(part))],
  '.endsWith': [overload(['string', 'string'], 'bool', (text: string, part: string) => text.endsWith(part))],
  '.matches': [matching],
  matches: [matching],
  '.lowerAscii': [
    overload(['string'], 'string', (text: string) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase()), {
      each: stepsOfPiece,
    }),
  ],
  '.upperAscii': [
    overload(['string'], 'string', (text: string) => text.replace(/[a-z]+/g, (part) => part.toUpperCase()), {
      each: stepsOfPiece,
    }),
  ],
  '.trim': [overload(['string'], 'string', trimmed)],
  '.substring': [
    overload(['string', 'int'], 'string', substring, { each: stepsOfSearch }),
    overload(['string', 'int', 'int'], 'string', substring, { each: stepsOfSearch }),
  ],
  '.indexOf': [overload(['string', 'string'], 'int', indexOf, { each: stepsOfSearch })],
  '.lastIndexOf': [overload(['string', 'string'], 'int', lastIndexOf, { each: stepsOfSearch })],
  '.replace': [overload(['string', 'string', 'string'], 'string', replaced, { each: stepsOfPiece })],
  '.split': [overload(['string', 'string'], { list: 'string' }, split, { each: stepsOfPiece })],
  '.join': [
    overload([{ list: 'string' }], 'string', joinedWith, joining),
    overload([{ list: 'string' }, 'string'], 'string', joinedWith, joining),
  ],
};

/** Those beyond ASCII. To ask a pattern of each character would take ten times as long. */
const widerSpaces = new Set(
  [
    ...'\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
  ].map((space) => space.charCodeAt(0)),
);

/** What Unicode calls white space, each of one code unit, at both ends. A pattern for the end would take the square of a text. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text, start)) start++;
  while (end > start && isSpace(text, end - 1)) end--;
  return text.slice(start, end);
}

function isSpace(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return widerSpaces.has(unit);
}
