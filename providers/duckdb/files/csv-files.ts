import { type CsvFormat, csvDefaults, type FileColumn, type FilesRelation } from '../../contract/relation.ts';
import { scalar } from '../../contract/value-type.ts';
import { quoteText } from '../../sql/quoting.ts';
import { counting, measureCells } from './cell-measures.ts';
import { decideCsvFormat, fieldNames, lineOf, scanned } from './csv-layout.ts';
import { type DataFile, pathList } from './data-files.ts';
import { tooMuchToGuess } from './declared-columns.ts';
import {
  agreeOnNames,
  isPartition,
  missing,
  notOfType,
  partitionColumns,
  partitionOptions,
  partitionReadings,
  readerOptions,
  readInTwoWays,
  withDeclared,
} from './file-columns.ts';
import {
  type ColumnReading,
  engineTypeOf,
  type FileReading,
  type FileTools,
  type FormatReader,
} from './file-reading.ts';
import { compressionOf } from './file-text.ts';
import { guessTypes, sampleRows, textCandidates } from './guessing.ts';
import { arrayInText } from './json-forms.ts';
import { type Misfit, shown } from './misfit.ts';
import { type CellForm, commaForm, hasOffset, scalarTextForm } from './text-forms.ts';

export const csvFiles: FormatReader = { name: 'read_csv', decide, inspect };

async function decide(files: readonly DataFile[], declared: FilesRelation, tools: FileTools): Promise<FilesRelation> {
  const csv = await decideCsvFormat(files, declared);
  const declaredNames = (declared.columns ?? [])
    .map(({ name }) => name)
    .filter((name) => !isPartition(declared, files, name));
  const fields = new Map<DataFile, string[]>();
  for (const file of files) {
    fields.set(file, fieldNames(file, await scanned(file, csv, tools), csv, declaredNames));
  }
  const names = agreeOnNames(fields, declared);
  const columns = withDeclared(names, declared);
  const guessed = await guessColumns(columns, fields, csv, tools);
  const partitions = await partitionColumns(files, declared, names, tools);
  return { ...declared, csv, columns: [...guessed, ...partitions] };
}

async function guessColumns(
  columns: readonly FileColumn[],
  fields: ReadonlyMap<DataFile, readonly string[]>,
  csv: CsvFormat,
  tools: FileTools,
): Promise<FileColumn[]> {
  const open = columns.filter(({ type }) => type === undefined);
  if (open.length === 0) return [...columns];
  const bytes = [...fields.keys()].reduce((total, { size }) => total + size, 0);
  const cells = open.map(({ name }, at) => ({ name, cell: `cell${at}` }));
  const isPresent = (cell: string) => (csv.nulls.includes('') ? `${cell} <> ''` : `${cell} IS NOT NULL`);
  const rowsOf = async (some: readonly [DataFile, readonly string[]][]) => {
    const selects = await Promise.all(
      some.map(async ([file, names]) => {
        const items = open.map(({ name }, at) => `c${names.indexOf(name)} AS cell${at}`);
        return `SELECT ${items.join(', ')} FROM ${await textReader(file, names.length, csv, tools)}`;
      }),
    );
    return `(${selects.join(' UNION ALL ')})`;
  };
  const entries = [...fields];
  const first = `(SELECT * FROM ${await rowsOf(entries.slice(0, 1))} LIMIT ${sampleRows})`;
  const isTooMuch = bytes > tools.guessLimit;
  const all = isTooMuch ? first : await rowsOf(entries);
  const types = await guessTypes(cells, { all, first, isPresent }, textCandidates, tools.session, tools.watch);
  const decided = columns.map((column) => ({
    ...column,
    type: column.type ?? types.get(column.name) ?? scalar('STRING'),
  }));
  if (isTooMuch) throw tooMuchToGuess(bytes, decided);
  return decided;
}

/** The rows of one file, each field as its text. */
async function textReader(file: DataFile, fields: number, csv: CsvFormat, tools: FileTools): Promise<string> {
  const types = Array.from({ length: fields }, () => 'VARCHAR');
  const path = await pathFor(file, csv, tools);
  return `read_csv(${pathList([path])}, ${options(file, types, csv, {})})`;
}

/** The engine reads UTF-8 and nothing else in full. */
async function pathFor(file: DataFile, { encoding }: CsvFormat, { inUtf8 }: FileTools): Promise<string> {
  return encoding === 'utf-8' ? file.path : inUtf8(file, encoding);
}

type Partitioned = Pick<FilesRelation, 'hivePartitions'>;

function options(file: DataFile, types: readonly string[], csv: CsvFormat, files: Partitioned): string {
  const compression = csv.encoding === 'utf-8' ? compressionOf(file.name) : 'uncompressed';
  const columns = types.map((type, place) => `'c${place}': ${quoteText(type)}`);
  return readerOptions({
    auto_detect: 'false',
    header: String(csv.header),
    skip: String(csv.skipLines),
    delim: quoteText(csv.delimiter),
    quote: quoteText(csv.quote),
    escape: quoteText(csv.quote === '' ? '' : csv.escape),
    nullstr: `[${csv.nulls.map(quoteText).join(', ')}]`,
    allow_quoted_nulls: 'false',
    strict_mode: 'true',
    null_padding: 'false',
    ignore_errors: 'false',
    compression: quoteText(compression),
    columns: `{${columns.join(', ')}}`,
    ...partitionOptions(files),
  });
}

async function inspect(file: DataFile, decided: FilesRelation, tools: FileTools): Promise<FileReading> {
  const csv = { ...csvDefaults, delimiter: ',', ...decided.csv };
  const own = (decided.columns ?? []).filter(({ name }) => !isPartition(decided, [file], name));
  const scan = await scanned(file, csv, tools);
  const names = fieldNames(
    file,
    scan,
    csv,
    own.map(({ name }) => name),
  );
  const cells = own.map((column) => ({ column, place: names.indexOf(column.name), form: csvForm(column, csv) }));
  const counted = await countCells(file, cells, names.length, scan.records, csv, tools);
  const types = names.map(() => 'VARCHAR');
  const columns: ColumnReading[] = [];
  for (const [index, cell] of cells.entries()) {
    const { column, place, form } = cell;
    const { misfits = 0n, empty = 0n, offsets = 0n } = counted[index] ?? {};
    if (place < 0) columns.push({ column, misfit: missing(file, column), has: undefined });
    else if (misfits > 0n) columns.push({ column, misfit: await findMisfit(file, cell, csv, tools) });
    else if (form.native && empty === 0n) {
      // The engine reads instants without a zone much quicker, and naive means UTC.
      types[place] = isInstant(column) && offsets === 0n ? 'TIMESTAMP' : engineTypeOf(column);
      columns.push({ column, sql: `c${place}` });
    } else {
      const text = empty > 0n ? `nullif(c${place}, '')` : `c${place}`;
      columns.push({ column, sql: `CASE WHEN ${text} IS NOT NULL THEN ${form.value(text)} END` });
    }
  }
  columns.push(...(await partitionReadings(file, decided, tools)));
  const path = await pathFor(file, csv, tools);
  return { path, options: options(file, types, csv, decided), columns };
}

type Cell = { column: FileColumn; place: number; form: CellForm };

type Counted = { misfits: bigint; empty: bigint; offsets: bigint };

/**
 * How many cells of each column do not fit, how many are an empty text in quotes, which only a text can be, and how many
 * instants have an offset.
 */
async function countCells(
  file: DataFile,
  cells: readonly Cell[],
  fields: number,
  records: number,
  csv: CsvFormat,
  tools: FileTools,
): Promise<Counted[]> {
  const asked = cells.map(({ column, place, form }) => {
    const isText = column.type?.kind === 'SCALAR' && column.type.name === 'STRING';
    if (place < 0 || isText) return { cell: '', measures: [] };
    const empty = (cell: string) => (emptyIsNull(column, csv) ? `${cell} = ''` : 'false');
    const measures = [
      counting((cell) => `${cell} IS NOT NULL AND NOT (${empty(cell)}) AND NOT coalesce(${form.fits(cell)}, false)`),
      counting(empty),
      counting((cell) => (isInstant(column) ? hasOffset(cell) : 'false')),
    ];
    return { cell: `c${place}`, measures };
  });
  const rows = { cell: 'c0', measures: [counting(() => 'true')] };
  const from = await textReader(file, fields, csv, tools);
  const [all = [], ...measured] = await measureCells([rows, ...asked], from, tools.session, tools.watch);
  if (all[0] !== BigInt(records)) throw readInTwoWays(file, records, all[0] ?? 0n);
  return measured.map(([misfits, empty, offsets]) => ({
    misfits: misfits ?? 0n,
    empty: empty ?? 0n,
    offsets: offsets ?? 0n,
  }));
}

function isInstant({ type, format }: FileColumn): boolean {
  return type?.kind === 'SCALAR' && type.name === 'TIMESTAMP' && format === undefined;
}

function emptyIsNull({ type }: FileColumn, { nulls }: CsvFormat): boolean {
  const mayBeEmpty = type?.kind === 'SCALAR' && (type.name === 'STRING' || type.name === 'BYTES');
  return !mayBeEmpty && nulls.includes('');
}

async function findMisfit(
  file: DataFile,
  { column, place, form }: Cell,
  csv: CsvFormat,
  tools: FileTools,
): Promise<Misfit> {
  const from = await textReader(file, (await scanned(file, csv, tools)).fields ?? 0, csv, tools);
  const empty = emptyIsNull(column, csv) ? `cell <> '' AND ` : '';
  const [row] = await tools.session.run(
    `SELECT row, cell FROM (SELECT row_number() OVER () AS row, c${place} AS cell FROM ${from}) ` +
      `WHERE cell IS NOT NULL AND ${empty}NOT coalesce(${form.fits('cell')}, false) ORDER BY row LIMIT 1`,
    tools.watch,
  );
  const line = await lineOf(file, csv, Number(row?.[0]), tools);
  return {
    file: file.name,
    column: column.name,
    ...(line !== undefined && { line }),
    ...notOfType(column, shown(String(row?.[1]))),
  };
}

function csvForm({ type = scalar('STRING'), format }: FileColumn, { decimalMark }: CsvFormat): CellForm {
  if (type.kind !== 'SCALAR') return arrayInText(type, format);
  const form = scalarTextForm(type.name, format);
  return decimalMark === ',' && type.name.startsWith('FLOAT') ? commaForm(form) : form;
}
