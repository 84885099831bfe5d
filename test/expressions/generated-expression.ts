import { type ScalarName, scalar, type Value, type ValueType } from '../../providers/contract/value-type.ts';
import type { ExpressionInput } from '../../src/expressions/expression.ts';
import type { Random } from '../fuzz/random.ts';

/** One expression, as we write it and as the oracle has to be asked for the same. */
export type Written = { ours: string; oracle: string };

type Kind = 'bool' | 'int' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'ints' | 'texts';

const list = (element: ScalarName): ValueType => ({ kind: 'ARRAY', element });

/** Two inputs of each type, some with a dot in their names. */
export const inputs: readonly (ExpressionInput & { kind: Kind })[] = [
  { name: 'flag', type: scalar('BOOL'), kind: 'bool' },
  { name: 'request.flag', type: scalar('BOOL'), kind: 'bool' },
  { name: 'small', type: scalar('INT32'), kind: 'int' },
  { name: 'big', type: scalar('INT64'), kind: 'int' },
  { name: 'request.count', type: scalar('INT64'), kind: 'int' },
  { name: 'ratio', type: scalar('FLOAT64'), kind: 'double' },
  { name: 'request.amount', type: scalar('FLOAT64'), kind: 'double' },
  { name: 'single', type: scalar('FLOAT32'), kind: 'double' },
  { name: 'word', type: scalar('STRING'), kind: 'string' },
  { name: 'request.text', type: scalar('STRING'), kind: 'string' },
  { name: 'raw', type: scalar('BYTES'), kind: 'bytes' },
  { name: 'at', type: scalar('TIMESTAMP'), kind: 'timestamp' },
  { name: 'request.at', type: scalar('TIMESTAMP'), kind: 'timestamp' },
  { name: 'day', type: scalar('DATE'), kind: 'timestamp' },
  { name: 'counts', type: list('INT64'), kind: 'ints' },
  { name: 'words', type: list('STRING'), kind: 'texts' },
];

const pools: Record<string, readonly Value[]> = {
  BOOL: [true, false],
  INT32: [0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31)],
  INT64: [0n, 1n, -1n, 10n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 3n * 2n ** 61n],
  FLOAT32: [0, 0.5, -3.25, Math.fround(0.1), Number.NaN],
  FLOAT64: [0, -0, 0.1, 1.5, -2.75, 1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63],
  STRING: ['', 'a', 'JFK', 'Ünï', 'x y', '12', 'true', '1.5'],
  BYTES: [new Uint8Array(), new Uint8Array([1, 2]), new Uint8Array([1, 255]), new Uint8Array([97])],
  DATE: [0, 15_000, -1, 20_000],
  TIMESTAMP: [
    0n,
    -1n,
    1_357_016_400_123_456n,
    253_402_300_799_999_999n,
    -62_135_596_800_000_000n,
    1_700_000_000_500_000n,
  ],
};

/** A value of a type; a null in one of eight. */
export function drawValue(draw: Random, type: ValueType): Value {
  if (draw.chance(0.125)) return null;
  if (type.kind === 'SCALAR') return draw.pick(pools[type.name] ?? []);
  const element = type.kind === 'ARRAY' ? type.element : 'FLOAT32';
  const drawn = Array.from({ length: draw.below(5) }, () => drawValue(draw, scalar(element)));
  return drawn as (bigint | string | null)[];
}

const same = (text: string): Written => ({ ours: text, oracle: text });

/** Puts written parts into the places of a text. */
function fill(text: string, ...parts: Written[]): Written {
  const put = (of: 'ours' | 'oracle') => text.replace(/\$(\d)/g, (_, place) => parts[Number(place)]?.[of] ?? '');
  return { ours: put('ours'), oracle: put('oracle') };
}

/** What compares with a null is null with us, and true or false by the specification: the oracle is asked for ours. */
function compared(text: string, ...parts: Written[]): Written {
  const { ours, oracle } = fill(text, ...parts);
  const nulls = parts.map((part) => `${part.oracle} == null`).join(' || ');
  return { ours, oracle: `((${nulls}) ? null : ${oracle})` };
}

const literals: Record<Kind, readonly string[]> = {
  bool: ['true', 'false'],
  int: ['0', '1', '-3', '9223372036854775807'],
  double: ['0.0', '0.5', '-2.0', '1e300'],
  string: ["''", "'JFK'", "'Ünï'"],
  bytes: ["b''", "b'a'", "b'\\xff'"],
  timestamp: ["timestamp('2013-01-31T05:00:00.123456Z')", 'timestamp(0)'],
  duration: ["duration('1h30m')", "duration('-1.5s')", "duration('290000h')"],
  ints: ['[1, 2, 9]', '[0]'],
  texts: ["['a', 'JFK']"],
};

type Form = (draw: Random, depth: number) => Written;

const of =
  (text: string, ...kinds: Kind[]): Form =>
  (draw, depth) =>
    fill(text, ...kinds.map((kind) => expressionOf(draw, kind, depth - 1)));

const comparing =
  (text: string, ...kinds: Kind[]): Form =>
  (draw, depth) =>
    compared(text, ...kinds.map((kind) => expressionOf(draw, kind, depth - 1)));

/** Of whole seconds of our time alone: the oracle rounds milliseconds up, and takes the year 1 for 1901. */
function calendar(part: string): Form {
  return (draw) => same(draw.chance(0.5) ? `(day + duration('25h10m7s')).${part}()` : `day.${part}('-09:30')`);
}

const ordered: readonly Kind[] = ['int', 'double', 'string', 'bytes', 'timestamp', 'duration', 'bool'];

const forms: Record<Kind, readonly Form[]> = {
  bool: [
    of('($0 && $1)', 'bool', 'bool'),
    of('($0 || $1)', 'bool', 'bool'),
    of('!$0', 'bool'),
    ...ordered.flatMap((kind) => ['<', '<=', '>', '>='].map((operator) => of(`($0 ${operator} $1)`, kind, kind))),
    ...[...ordered, 'ints' as const].flatMap((kind) =>
      ['==', '!='].map((operator) => comparing(`($0 ${operator} $1)`, kind, kind)),
    ),
    comparing('($0 in $1)', 'int', 'ints'),
    of('$0.contains($1)', 'string', 'string'),
    of('$0.startsWith($1)', 'string', 'string'),
    of("$0.matches('^[A-Z]+$')", 'string'),
    (draw) => {
      const { name } = draw.pick(inputs);
      const dotted = name.includes('.');
      return { ours: dotted && draw.chance(0.5) ? `has(${name})` : `(${name} != null)`, oracle: `(${name} != null)` };
    },
    of('$0.all(e, e > $1)', 'ints', 'int'),
    of('$0.exists(e, e + $1 > 0)', 'ints', 'int'),
    of('$0.exists_one(e, e > $1)', 'ints', 'int'),
    of('$0.exists(t, $1.exists(e, size(t) > e))', 'texts', 'ints'),
  ],
  int: [
    ...['+', '-', '*', '/', '%'].map((operator) => of(`($0 ${operator} $1)`, 'int', 'int')),
    of('-($0)', 'int'),
    of('int($0)', 'double'),
    of('int($0)', 'timestamp'),
    of('int($0)', 'duration'),
    of('size($0)', 'string'),
    of('size($0)', 'bytes'),
    of('$0.size()', 'texts'),
    of('$0[$1]', 'ints', 'int'),
    ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours'].map(
      calendar,
    ),
    calendar('getSeconds'),
    of('$0.getMinutes()', 'duration'),
    of('$0.getMilliseconds()', 'duration'),
    of("$0.indexOf('K')", 'string'),
  ],
  double: [
    ...['+', '-', '*', '/'].map((operator) => of(`($0 ${operator} $1)`, 'double', 'double')),
    of('-($0)', 'double'),
    of('double($0)', 'int'),
  ],
  string: [
    of('($0 + $1)', 'string', 'string'),
    of('string($0)', 'int'),
    of('string($0)', 'bool'),
    of('string($0)', 'bytes'),
    of('$0.lowerAscii()', 'string'),
    of('$0.trim()', 'string'),
    of('$0.substring(1)', 'string'),
    of("$0.replace('a', '--')", 'string'),
  ],
  bytes: [of('($0 + $1)', 'bytes', 'bytes'), of('bytes($0)', 'string')],
  timestamp: [of('($0 + $1)', 'timestamp', 'duration'), of('($0 - $1)', 'timestamp', 'duration')],
  duration: [of('($0 - $1)', 'timestamp', 'timestamp'), of('($0 + $1)', 'duration', 'duration')],
  ints: [of('($0 + $1)', 'ints', 'ints'), of('$0.filter(e, e > $1)', 'ints', 'int'), of('[$0, $1]', 'int', 'int')],
  texts: [of('[$0, $1]', 'string', 'string'), of('$0.filter(t, size(t) > 0)', 'texts')],
};

/** Any expression of a kind, no deeper than `depth`. */
export function expressionOf(draw: Random, kind: Kind, depth: number): Written {
  const named = inputs.filter((input) => input.kind === kind);
  if (depth <= 0 || draw.chance(0.15)) {
    return same(named.length > 0 && draw.chance(0.8) ? draw.pick(named).name : draw.pick(literals[kind]));
  }
  if (draw.chance(0.12)) {
    const [condition, one, other] = (['bool', kind, kind] as const).map((each) => expressionOf(draw, each, depth - 1));
    if (condition && one && other) return fill('($0 ? $1 : $2)', condition, one, other);
  }
  if (draw.chance(0.08) && named.length > 0) {
    const { name } = draw.pick(named);
    const other = expressionOf(draw, kind, depth - 1);
    return { ours: `coalesce(${name}, ${other.ours})`, oracle: `(${name} != null ? ${name} : ${other.oracle})` };
  }
  return draw.pick(forms[kind])(draw, depth);
}

/** The kinds that a feature can have. */
export const resultKinds: readonly Kind[] = ['bool', 'int', 'double', 'string', 'bytes', 'timestamp', 'ints', 'texts'];
