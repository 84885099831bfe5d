import type { FileColumn, FilesRelation } from '../../contract/relation.ts';
import { quoteIdentifier } from '../../sql/quoting.ts';
import type { DuckdbSession, Watch } from '../duckdb-connections.ts';
import { duckdbTypeOf } from '../duckdb-types.ts';
import { type DataFile, pathList } from './data-files.ts';
import { type Misfit, misfitSql } from './misfit.ts';

/** What looking at files needs of the store. */
export type FileTools = {
  session: DuckdbSession;
  watch: Watch;
  /** Of all files, in bytes: where more text than this has columns that nobody declared, they are not guessed. */
  guessLimit: number;
  /** The file's text in UTF-8, for the engine to read. */
  inUtf8(file: DataFile, encoding: string): Promise<string>;
  /** What was found out of a file in this call, by what was asked. */
  found: Map<string, Promise<unknown>>;
};

/** Finds something out of a file once a call. */
export function onceACall<T>({ found }: FileTools, question: string, find: () => Promise<T>): Promise<T> {
  const known = (found.get(question) as Promise<T> | undefined) ?? find();
  found.set(question, known);
  return known;
}

/**
 * How a file gives a column: an expression over what its reader makes of it, or why it can't. `has` is there where the
 * file's column is of another type than was registered, or is not there: then it is undefined.
 */
export type ColumnReading = { column: FileColumn; has?: FileColumn | undefined } & (
  | { sql: string }
  | { misfit: Misfit }
);

/** How one file, which was looked at whole, is read: `options` are those of its format's reader. */
export type FileReading = { path: string; options: string; columns: readonly ColumnReading[] };

/** What a format knows of reading its files. */
export type FormatReader = {
  /** The engine's function. */
  name: 'read_csv' | 'read_json' | 'read_parquet';
  decide(files: readonly DataFile[], declared: FilesRelation, tools: FileTools): Promise<FilesRelation>;
  inspect(file: DataFile, decided: FilesRelation, tools: FileTools): Promise<FileReading>;
};

/**
 * What stands after FROM to read some files, those that are read alike together. A column that a file can't give fails
 * whoever needs its values, and nobody else.
 */
export function readingSql(name: FormatReader['name'], readings: readonly FileReading[]): string {
  const items = ({ columns }: FileReading) => columns.map(itemSql).join(', ');
  const alike = Map.groupBy(readings, (reading) => `${reading.options}\n${items(reading)}`);
  const selects = [...alike.values()].flatMap((group) => {
    const [first] = group;
    const paths = pathList(group.map(({ path }) => path));
    return first === undefined ? [] : [`SELECT ${items(first)} FROM ${name}(${paths}, ${first.options})`];
  });
  return `(${selects.join(' UNION ALL ')})`;
}

function itemSql(reading: ColumnReading): string {
  const { column } = reading;
  const sql = 'sql' in reading ? reading.sql : `CAST(${misfitSql(reading.misfit)} AS ${engineTypeOf(column)})`;
  return `${sql} AS ${quoteIdentifier(column.name)}`;
}

export function misfitsOf({ columns }: FileReading): Misfit[] {
  return columns.flatMap((reading) => ('misfit' in reading ? [reading.misfit] : []));
}

/**
 * The columns as all files have them now: without those that none has, and of another type those that have it in every
 * file. Where only some files differ, it is they that fail, by name.
 */
export function columnsNow(decided: readonly FileColumn[], readings: readonly FileReading[]): FileColumn[] {
  return decided.flatMap((column) => {
    const all = readings.map(({ columns }) => columns.find((one) => one.column.name === column.name));
    const others = all.flatMap((one) => (one !== undefined && 'has' in one ? [one.has] : []));
    return others.length < readings.length ? [column] : (others[0] ?? []);
  });
}

/** A type as the engine's reader takes it. */
export function engineTypeOf({ type, engineType = 'JSON' }: FileColumn): string {
  return type === undefined ? engineType : duckdbTypeOf(type).toString();
}
