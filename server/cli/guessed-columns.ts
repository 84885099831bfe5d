import { Failure } from '../../providers/contract/failure.ts';
import type { FileColumn } from '../../providers/contract/relation.ts';
import type { ValueType } from '../../providers/contract/value-type.ts';
import { nearestName } from '../../src/registry/spelling.ts';
import { shellWord } from './shell-word.ts';

/** A column whose values are of a type of ours. */
export type Typed = { name: string; type: ValueType };

/** What columns are there for: what rows are keyed by, what dates them, and what is left as features. */
export type Roles = { keys: Typed[]; time: Typed | undefined; features: Typed[] };
/** The same, and in sentences what of it is a guess. */
export type Guess = Roles & { reasons: string[] };

/** How many rows were looked at, and how many different values each of some columns had in them. */
export type Counted = { rows: number; different: ReadonlyMap<string, number> };

/** What a user says of it instead. */
export type Said = { key: readonly string[]; time?: string | undefined };

const scalarsOf = (columns: readonly Typed[], names: readonly string[]) =>
  columns.filter(({ type }) => type.kind === 'SCALAR' && names.includes(type.name));
/** What is keyed by: a join key can be more, but nobody guesses a date or a flag. */
const able = (columns: readonly Typed[]) => scalarsOf(columns, ['INT64', 'INT32', 'STRING']);
const isId = ({ name }: Typed) => /(^|[_\s-])id$/i.test(name) || /[a-z]I[dD]$/.test(name);

export function typedColumns(found: readonly FileColumn[]): Typed[] {
  return found.flatMap(({ name, type }) => (type === undefined || type.kind === 'VECTOR' ? [] : [{ name, type }]));
}

/** The columns whose values are worth counting: those that are called an id, where the guess depends on it. */
export function columnsToCount(columns: readonly Typed[], { key }: Said): string[] {
  return key.length > 0
    ? []
    : able(columns)
        .filter(isId)
        .map(({ name }) => name);
}

/** Which column is which. Fails with INVALID_INPUT where one is named that isn't there or can't be that. */
export function guessedRoles(file: string, columns: readonly Typed[], counted: Counted, said: Said): Guess {
  const time = timeOf(file, columns, said.time);
  const key = keysOf(file, columns, counted, said, time.column);
  const features = columns.filter(
    (column) => column !== time.column && !key.columns.includes(column) && column !== key.ofRow,
  );
  if (features.length === 0) throw new Failure('UNSUPPORTED', `${file} has no column besides its key and its time.`);
  return {
    keys: key.columns,
    time: time.column,
    features,
    reasons: [key.reason, time.reason].filter((one) => one !== ''),
  };
}

type Time = { column: Typed | undefined; reason: string };

function timeOf(file: string, columns: readonly Typed[], said: string | undefined): Time {
  const times = scalarsOf(columns, ['TIMESTAMP']);
  const able = [...times, ...scalarsOf(columns, ['DATE'])];
  if (said !== undefined) {
    const column = named(file, columns, said, '--time');
    if (able.includes(column)) return { column, reason: '' };
    const there = able.length === 0 ? 'there is none in the file' : `that can be ${listed(able)}`;
    throw new Failure('INVALID_INPUT', `--time ${said}: this column holds no timestamps and no dates; ${there}.`);
  }
  const [column] = times;
  const others = able.filter((one) => one !== column);
  const instead = others.length === 0 ? '' : ` Another: ${options('--time', others)}.`;
  const reason =
    column === undefined
      ? `Time: none, for no column holds timestamps: a value is as of whenever it is read.${instead}`
      : `Time: ${column.name}, ${others.length === 0 ? 'the only' : 'the first'} column of timestamps.${instead}`;
  return { column, reason };
}

/** `ofRow` is what tells one row from the next: no feature of anybody. */
type Key = { columns: Typed[]; ofRow?: Typed | undefined; reason: string };

function keysOf(file: string, columns: readonly Typed[], counted: Counted, said: Said, time: Typed | undefined): Key {
  if (said.key.length > 0) {
    const keys = [...new Set(said.key.map((name) => named(file, columns, name, '--key')))];
    const wrong = keys.find((key) => key === time || key.type.kind !== 'SCALAR' || key.type.name.startsWith('FLOAT'));
    if (wrong === undefined) return { columns: keys, reason: '' };
    const why = wrong === time ? 'this is the time of the rows' : 'no key is of its type';
    throw new Failure('INVALID_INPUT', `--key ${wrong.name}: ${why}; that can be ${listed(able(columns))}.`);
  }
  const keys = able(columns);
  const ids = keys.filter(isId);
  const first = ids[0] ?? keys[0];
  if (first === undefined)
    throw new Failure('UNSUPPORTED', 'No column can be a key: one of whole numbers or text is needed.');
  return guessedKey(first, ids, counted, time);
}

/** The first id; but of dated rows that each have another, an id that comes again: whom the rows speak of. */
function guessedKey(first: Typed, ids: readonly Typed[], counted: Counted, time: Typed | undefined): Key {
  const isOfRow = (one: Typed) => counted.rows > 1 && counted.different.get(one.name) === counted.rows;
  const repeating = ids.find((one) => !isOfRow(one));
  const others = ids.filter((one) => one !== first);
  const why = ids.length === 0 ? 'the first column that can be a key' : 'the first column that is called an id';
  if (time === undefined || !isOfRow(first))
    return { columns: [first], reason: `Key: ${first.name}, ${why}.${orElse(others)}` };
  if (repeating === undefined)
    return {
      columns: [first],
      reason: `Key: ${first.name}, ${why}. It is another in every row, so that no row is ever the newer one of the same: is it whom the features describe? Another: --key COLUMN.`,
    };
  return {
    columns: [repeating],
    ofRow: first,
    reason: `Key: ${repeating.name}, which comes again, with newer values each time; ${first.name} is another in every row, and no feature.${orElse(ids.filter((one) => one !== repeating))}`,
  };
}

const orElse = (others: readonly Typed[]) => (others.length === 0 ? '' : ` Another: ${options('--key', others)}.`);
const options = (option: string, columns: readonly Typed[]) =>
  columns.map(({ name }) => `${option} ${shellWord(name)}`).join(' or ');
const listed = (columns: readonly Typed[]) => columns.map(({ name }) => name).join(', ');

function named(file: string, columns: readonly Typed[], name: string, option: string): Typed {
  const column = columns.find((one) => one.name === name);
  if (column !== undefined) return column;
  const meant = nearestName(
    name,
    columns.map((one) => one.name),
  );
  const fix = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new Failure('INVALID_INPUT', `${option} ${name}: ${file} has no such column, but ${listed(columns)}.${fix}`);
}
