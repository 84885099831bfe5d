import { Failure } from '../../contract/failure.ts';
import type { FileColumn, FilesRelation } from '../../contract/relation.ts';
import { formatValueType, scalar } from '../../contract/value-type.ts';
import { quoteIdentifier, quoteText } from '../../sql/quoting.ts';
import type { DataFile } from './data-files.ts';
import type { ColumnReading, FileTools } from './file-reading.ts';
import { guessTypes, textCandidates } from './guessing.ts';
import { partitionsOf } from './hive-partitions.ts';
import { arrayInText } from './json-forms.ts';
import { type Misfit, misfitFailure, shown } from './misfit.ts';
import { scalarTextForm } from './text-forms.ts';

/** The columns that all files have, in the order of the first. Fails where their names can't be those of columns. */
export function agreeOnNames(fields: ReadonlyMap<DataFile, readonly string[]>, declared: FilesRelation): string[] {
  const [[first, names] = []] = [...fields];
  if (first === undefined || names === undefined) throw new RangeError('a source has a file');
  for (const [file, own] of fields) {
    refuseNames(file, own);
    const other = own.find((name) => !names.includes(name)) ?? names.find((name) => !own.includes(name));
    if (other === undefined) continue;
    const [having, lacking] = own.includes(other) ? [file, first] : [first, file];
    const message = `${having.name} has a column "${other}", which ${lacking.name} has not`;
    throw misfitFailure({ file: file.name, message, fix: 'Give the paths of files that have the same columns.' });
  }
  for (const { name } of declared.columns ?? []) {
    if (names.includes(name) || isPartition(declared, [...fields.keys()], name)) continue;
    const message = `there is no column "${name}"`;
    const issues = [{ path: 'columns', message, fix: `${first.name} has ${names.join(', ')}.` }];
    throw new Failure('INVALID_INPUT', message, { issues });
  }
  return [...names];
}

function refuseNames(file: DataFile, names: readonly string[]): void {
  const folded = names.map((name) => name.toLowerCase());
  for (const [at, name] of names.entries()) {
    const place = `field ${at + 1}`;
    const fix = 'Name each column once, letter case aside; or skip the header (files.csv) and declare the columns.';
    if (name === '') throw misfitFailure({ file: file.name, message: `${place} of the header has no name`, fix });
    const earlier = folded.indexOf(name.toLowerCase());
    if (earlier < at) {
      const message = `the header's ${place}, "${name}", meets field ${earlier + 1}, "${names[earlier]}"`;
      throw misfitFailure({ file: file.name, message, fix });
    }
  }
}

/** Names with what their author declares of them. */
export function withDeclared(names: readonly string[], { columns = [] }: FilesRelation): FileColumn[] {
  return names.map((name) => columns.find((column) => column.name === name) ?? { name });
}

/** Whether a column is a directory's and not a file's. */
export function isPartition(relation: FilesRelation, [file]: readonly DataFile[], name: string): boolean {
  return relation.hivePartitions === true && file !== undefined && partitionsOf(file.name).has(name);
}

/** The columns that directories are, where the files' author says that they are columns. */
export async function partitionColumns(
  files: readonly DataFile[],
  declared: FilesRelation,
  names: readonly string[],
  { session, watch }: FileTools,
): Promise<FileColumn[]> {
  if (declared.hivePartitions !== true) return [];
  const all = files.map((file) => partitionsOf(file.name));
  const keys = [...(all[0]?.keys() ?? [])];
  for (const [at, partitions] of all.entries()) {
    const file = files[at]?.name ?? '';
    if (partitions.size === 0 || keys.some((key) => !partitions.has(key)) || partitions.size !== keys.length) {
      const message = `it is not in directories named ${keys.map((key) => `${key}=…`).join('/') || 'key=value'}`;
      throw misfitFailure({ file, message, fix: 'Move it, or leave out files.hivePartitions.' });
    }
  }
  const meeting = keys.find((key) => names.some((name) => name.toLowerCase() === key.toLowerCase()));
  if (meeting !== undefined) {
    const message = `the directory "${meeting}=…" meets a column of the files`;
    throw misfitFailure({ file: files[0]?.name ?? '', message, fix: 'Leave out files.hivePartitions.' });
  }
  const columns = withDeclared(keys, declared);
  const open = columns.filter(({ type }) => type === undefined);
  const rows = all.map((partitions) => `(${open.map(({ name }) => literal(partitions.get(name) ?? null)).join(', ')})`);
  const values = `(SELECT * FROM (VALUES ${rows.join(', ')}) AS v(${open.map((_, at) => `cell${at}`).join(', ')}))`;
  const cells = open.map(({ name }, at) => ({ name, cell: `cell${at}` }));
  const isPresent = (cell: string) => `${cell} IS NOT NULL`;
  const guessed =
    open.length === 0
      ? undefined
      : await guessTypes(cells, { all: values, first: values, isPresent }, textCandidates, session, watch);
  return columns.map((column) => ({ ...column, type: column.type ?? guessed?.get(column.name) ?? scalar('STRING') }));
}

/** How a file gives the columns that its directories are. */
export function partitionReadings(file: DataFile, decided: FilesRelation, tools: FileTools): Promise<ColumnReading[]> {
  const partitions = decided.hivePartitions === true ? partitionsOf(file.name) : new Map<string, string | null>();
  const columns = (decided.columns ?? []).filter(({ name }) => partitions.has(name));
  return Promise.all(
    columns.map((column) => partitionReading(file, column, partitions.get(column.name) ?? null, tools)),
  );
}

async function partitionReading(
  file: DataFile,
  column: FileColumn,
  text: string | null,
  { session }: FileTools,
): Promise<ColumnReading> {
  const { type = scalar('STRING'), format, name } = column;
  const form = type.kind === 'SCALAR' ? scalarTextForm(type.name, format) : arrayInText(type, format);
  const [row] = text === null ? [[true]] : await session.run(`SELECT ${form.fits(quoteText(text))}`);
  if (row?.[0] !== true) {
    return { column, misfit: { file: file.name, column: name, ...notOfType(column, shown(text ?? '')) } };
  }
  // The engine's own column, for it knows from a filter which files it need not open.
  const cell = quoteIdentifier(name);
  return { column, sql: `CASE WHEN ${cell} IS NOT NULL THEN ${form.value(cell)} END` };
}

function literal(text: string | null): string {
  return text === null ? 'NULL::VARCHAR' : quoteText(text);
}

export function missing(file: DataFile, { name }: FileColumn): Misfit {
  const message = 'the file has no such column';
  return {
    file: file.name,
    column: name,
    message,
    fix: 'Bring it back, or register a variant of the source without it.',
  };
}

/** What is said of a cell that is no value of its column's type. */
export function notOfType({ type, format }: FileColumn, text: string): { message: string; fix: string } {
  const name = type === undefined ? 'of the type' : formatValueType(type);
  const message = `${text} is not exactly ${name}${format === undefined ? '' : ` written as ${JSON.stringify(format)}`}`;
  return {
    message,
    fix: 'Mend the file, or register a variant of the source that declares another type for the column.',
  };
}

export function readInTwoWays({ name }: DataFile, here: number, engine: bigint): Failure {
  const message = `it can be read in two ways: with ${here} rows and with ${engine}`;
  return misfitFailure({ file: name, message, fix: 'Say how it is written: files.csv.' });
}

/** Never left to the engine, which would take any `key=value` for a column and guess its type. */
export function partitionOptions({ hivePartitions = false }: Pick<FilesRelation, 'hivePartitions'>) {
  return { hive_partitioning: String(hivePartitions), ...(hivePartitions && { hive_types_autocast: 'false' }) };
}

export function readerOptions(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
