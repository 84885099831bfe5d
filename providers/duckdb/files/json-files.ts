import { Failure } from '../../contract/failure.ts';
import type { FileColumn, FilesRelation } from '../../contract/relation.ts';
import { scalar, type ValueType } from '../../contract/value-type.ts';
import { quoteIdentifier, quoteText } from '../../sql/quoting.ts';
import { counting, measureCells } from './cell-measures.ts';
import { type DataFile, pathList } from './data-files.ts';
import { tooMuchToGuess } from './declared-columns.ts';
import {
  isPartition,
  notOfType,
  partitionColumns,
  partitionOptions,
  partitionReadings,
  readerOptions,
  withDeclared,
} from './file-columns.ts';
import {
  type ColumnReading,
  engineTypeOf,
  type FileReading,
  type FileTools,
  type FormatReader,
  onceACall,
} from './file-reading.ts';
import { compressionOf, textOf } from './file-text.ts';
import { type Candidate, guessTypes, sampleRows } from './guessing.ts';
import { type LostDigits, lostDigits } from './json-digits.ts';
import { jsonForm, plainJson } from './json-forms.ts';
import { lineOfRecord } from './json-lines.ts';
import { type Misfit, misfitFailure, shown } from './misfit.ts';

const array = (element: 'INT64' | 'FLOAT64' | 'BOOL' | 'STRING'): ValueType => ({ kind: 'ARRAY', element });

const candidates: readonly Candidate[] = [
  ...(['INT64', 'FLOAT64', 'BOOL', 'DATE', 'TIMESTAMP', 'STRING'] as const).map((name) => ({
    type: scalar(name),
    fits: plainJson[name],
  })),
  ...(['INT64', 'FLOAT64', 'BOOL', 'STRING'] as const).map((element) => ({
    type: array(element),
    fits: jsonForm(array(element)).fits,
  })),
];

export const jsonFiles: FormatReader = { name: 'read_json', decide, inspect };

async function decide(files: readonly DataFile[], declared: FilesRelation, tools: FileTools): Promise<FilesRelation> {
  for (const file of files) await readThrough(file, tools);
  const names = await keysOf(files, declared, tools);
  const columns = withDeclared(names, declared);
  const guessed = await guessColumns(columns, files, tools);
  const partitions = await partitionColumns(files, declared, names, tools);
  return { ...declared, columns: [...guessed, ...partitions] };
}

/** Reads a file to its end, for its compression to tell whether it is whole, and its bytes whether they are text. */
function readThrough(file: DataFile, tools: FileTools): Promise<void> {
  return onceACall(tools, `through ${file.path}`, async () => {
    for await (const _ of textOf(file, 'utf-8', tools.watch.signal));
  });
}

/** The keys of all records, in the order in which they are first met. */
async function keysOf(files: readonly DataFile[], declared: FilesRelation, tools: FileTools): Promise<string[]> {
  const names = new Set<string>();
  for (const file of files) {
    const rows = await tools.session.run(
      `SELECT keys FROM (SELECT json_keys(json) AS keys, row_number() OVER () AS row FROM ${records(file)}) ` +
        'GROUP BY keys ORDER BY min(row)',
      tools.watch,
    );
    for (const [keys] of rows) for (const key of (keys as { items: string[] } | null)?.items ?? []) names.add(key);
  }
  for (const { name } of declared.columns ?? []) if (!isPartition(declared, files, name)) names.add(name);
  refuseMeeting(files[0]?.name ?? '', [...names]);
  return [...names];
}

function refuseMeeting(file: string, names: readonly string[]): void {
  if (names.length === 0) {
    const message = `${file} has no records to tell the columns from`;
    throw new Failure('INVALID_INPUT', message, {
      issues: [{ path: 'columns', message, fix: 'Declare the columns.' }],
    });
  }
  const folded = names.map((name) => name.toLowerCase());
  for (const [at, name] of names.entries()) {
    const earlier = folded.indexOf(name.toLowerCase());
    if (earlier === at && name !== '') continue;
    const message =
      name === '' ? 'a key is empty' : `the keys "${names[earlier]}" and "${name}" differ by letter case only`;
    throw misfitFailure({ file, message, fix: 'Name each key once, letter case aside.' });
  }
}

async function guessColumns(
  columns: readonly FileColumn[],
  files: readonly DataFile[],
  tools: FileTools,
): Promise<FileColumn[]> {
  const open = columns.filter(({ type }) => type === undefined);
  if (open.length === 0) return [...columns];
  const bytes = files.reduce((total, { size }) => total + size, 0);
  const isTooMuch = bytes > tools.guessLimit;
  const names = open.map(({ name }) => name);
  const cells = names.map((name) => ({ name, cell: quoteIdentifier(name) }));
  const all = `(${files.map((file) => `SELECT * FROM ${cellReader(file, names)}`).join(' UNION ALL ')})`;
  const first = `(SELECT * FROM ${cellReader(files[0] as DataFile, names)} LIMIT ${sampleRows})`;
  const rows = { all: isTooMuch ? first : all, first, isPresent };
  const types = await guessTypes(cells, rows, candidates, tools.session, tools.watch);
  const decided = columns.map((column): FileColumn => {
    const type = column.type ?? types.get(column.name);
    return type === undefined ? { ...column, engineType: 'JSON' } : { ...column, type };
  });
  if (isTooMuch) throw tooMuchToGuess(bytes, decided);
  return decided;
}

async function inexact(
  file: DataFile,
  { row, text }: LostDigits,
  column: FileColumn,
  tools: FileTools,
): Promise<Misfit> {
  return { ...(await placeOf(file, row, tools)), column: column.name, ...notOfType(column, text) };
}

function reader(
  file: DataFile,
  columns: Readonly<Record<string, string>>,
  files: Pick<FilesRelation, 'hivePartitions'>,
): string {
  const types = Object.entries(columns).map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`);
  return readerOptions({
    auto_detect: 'false',
    format: `'auto'`,
    records: `'true'`,
    ignore_errors: 'false',
    compression: quoteText(compressionOf(file.name)),
    columns: `{${types.join(', ')}}`,
    ...partitionOptions(files),
  });
}

/** Whole records, each as its text. */
function records(file: DataFile): string {
  return `read_json_objects(${pathList([file.path])}, format='auto', compression=${quoteText(compressionOf(file.name))}, hive_partitioning=false)`;
}

function cellReader(file: DataFile, names: readonly string[]): string {
  const options = reader(file, Object.fromEntries(names.map((name) => [name, 'JSON'])), {});
  return `read_json(${pathList([file.path])}, ${options})`;
}

async function inspect(file: DataFile, decided: FilesRelation, tools: FileTools): Promise<FileReading> {
  await readThrough(file, tools);
  const own = (decided.columns ?? []).filter(({ name }) => !isPartition(decided, [file], name));
  const misfits = await countMisfits(file, own, tools);
  const floats = new Map(own.flatMap(({ name, type }) => (type === undefined ? [] : [[name, type] as const])));
  const lost = await lostDigits([file], records, floats, tools);
  const types: Record<string, string> = {};
  const columns: ColumnReading[] = [];
  for (const [index, column] of own.entries()) {
    const cell = quoteIdentifier(column.name);
    const digits = lost.get(column.name);
    const form = column.type && jsonForm(column.type, column.format);
    const isNative = form === undefined || form.native;
    types[column.name] = isNative ? engineTypeOf(column) : 'JSON';
    if (misfits[index] !== 0n) columns.push({ column, misfit: await findMisfit(file, column, tools) });
    else if (digits !== undefined) columns.push({ column, misfit: await inexact(file, digits, column, tools) });
    else if (isNative) columns.push({ column, sql: cell });
    else columns.push({ column, sql: `CASE WHEN ${isPresent(cell)} THEN ${form.value(cell)} END` });
  }
  columns.push(...(await partitionReadings(file, decided, tools)));
  return { path: file.path, options: reader(file, types, decided), columns };
}

/** A null that is written is one as much as a key that is left out. */
function isPresent(cell: string): string {
  return `${cell} IS NOT NULL AND json_type(${cell}) <> 'NULL'`;
}

async function countMisfits(file: DataFile, columns: readonly FileColumn[], tools: FileTools): Promise<bigint[]> {
  const asked = columns.map((column) => ({
    cell: quoteIdentifier(column.name),
    measures: column.type === undefined ? [] : [counting((cell) => isMisfit(cell, column))],
  }));
  const rows = cellReader(
    file,
    columns.map(({ name }) => name),
  );
  const measured = await measureCells(asked, rows, tools.session, tools.watch);
  return measured.map(([misfits]) => misfits ?? 0n);
}

function isMisfit(cell: string, { type, format }: FileColumn): string {
  const fits = type === undefined ? 'true' : jsonForm(type, format).fits(cell);
  return `${isPresent(cell)} AND NOT coalesce(${fits}, false)`;
}

async function findMisfit(file: DataFile, column: FileColumn, tools: FileTools): Promise<Misfit> {
  const cell = quoteIdentifier(column.name);
  const [row] = await tools.session.run(
    `SELECT row, CAST(${cell} AS VARCHAR) FROM (SELECT row_number() OVER () AS row, ${cell} FROM ` +
      `${cellReader(file, [column.name])}) WHERE ${isMisfit(cell, column)} ORDER BY row LIMIT 1`,
    tools.watch,
  );
  const place = await placeOf(file, Number(row?.[0]), tools);
  return { ...place, column: column.name, ...notOfType(column, shown(String(row?.[1]))) };
}

/** By its line where records have lines of their own. */
async function placeOf(file: DataFile, row: number, tools: FileTools): Promise<Pick<Misfit, 'file' | 'line' | 'row'>> {
  const [counted] = await tools.session.run(`SELECT count(*) FROM ${records(file)}`, tools.watch);
  const line = await lineOfRecord(file, row, Number(counted?.[0]), tools);
  return { file: file.name, ...(line === undefined ? { row } : { line }) };
}
