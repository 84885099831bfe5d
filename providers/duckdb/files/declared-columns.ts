import { Failure, type Issue } from '../../contract/failure.ts';
import type { FileColumn, FilesRelation } from '../../contract/relation.ts';
import { formatValueType, type ValueType } from '../../contract/value-type.ts';
import { datePattern } from './date-format.ts';

/** Fails with INVALID_INPUT where a declaration can't be meant, before any file is looked at. */
export function checkDeclaration({ columns = [], csv, format, hivePartitions }: FilesRelation): void {
  const issues: Issue[] = [];
  const report = (path: string, message: string, fix: string) => issues.push({ path, message, fix });
  const folded = columns.map(({ name }) => name.toLowerCase());
  for (const [at, { type, format: written, name }] of columns.entries()) {
    const path = `columns[${at}]`;
    const earlier = folded.indexOf(name.toLowerCase());
    if (earlier < at) report(`${path}.name`, `"${name}" meets "${columns[earlier]?.name}"`, 'Take one of the two out.');
    if (type?.kind === 'VECTOR') report(`${path}.type`, 'a file has no vectors', 'Declare FLOAT32[].');
    if (written !== undefined) reportFormat(path, written, type, format, report);
  }
  if (csv !== undefined && format !== 'CSV') report('csv', `${format} files are no CSV`, 'Leave it out.');
  if (csv !== undefined) reportCsv(csv, report);
  if (csv?.header === false && hivePartitions !== true && columns.length === 0) {
    report('columns', 'files without a header need the names of their columns', 'Declare them in their order.');
  }
  if (issues.length > 0) throw new Failure('INVALID_INPUT', issues[0]?.message ?? '', { issues });
}

type Report = (path: string, message: string, fix: string) => void;

function reportFormat(path: string, written: string, type: ValueType | undefined, of: string, report: Report): void {
  const name = type?.kind === 'SCALAR' ? type.name : undefined;
  const wanted = 'Give it to a DATE or TIMESTAMP, as "%d/%m/%Y" or "%d/%m/%Y %H:%M:%S".';
  if (of === 'PARQUET') report(`${path}.format`, 'a Parquet file has no texts for dates', 'Leave the format out.');
  else if (name !== 'DATE' && name !== 'TIMESTAMP') report(`${path}.format`, 'only days and instants have one', wanted);
  else {
    const read = datePattern(written, name);
    if ('problem' in read) report(`${path}.format`, read.problem, wanted);
  }
}

function reportCsv(csv: NonNullable<FilesRelation['csv']>, report: Report): void {
  const { delimiter, quote, decimalMark } = csv;
  for (const [field, text] of Object.entries({ delimiter, quote, escape: csv.escape })) {
    const isOne = text === undefined || (text.length === 1 && text >= ' ' && text <= '~') || text === '\t';
    if (isOne || (text === '' && field !== 'delimiter')) continue;
    report(`csv.${field}`, `${JSON.stringify(text)} is not one ASCII character`, 'Give one, as ";".');
  }
  if (delimiter !== undefined && (delimiter === (quote ?? '"') || delimiter === csv.escape)) {
    report('csv.delimiter', 'the delimiter is a quote as well', 'Give two different characters.');
  }
  if (decimalMark === ',' && delimiter === ',') {
    report('csv.decimalMark', 'the decimal mark is the delimiter as well', 'Give two different characters.');
  }
  if (csv.encoding !== undefined && canonicalEncoding(csv.encoding) === undefined) {
    const fix = 'Give a label of the Encoding Standard, as "utf-8", "utf-16le" or "windows-1252".';
    report('csv.encoding', `"${csv.encoding}" is no encoding`, fix);
  }
}

/** The one name of an encoding that has several labels. */
export function canonicalEncoding(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** The declaration that a first look suggests, for an author to take over. */
export function proposal(columns: readonly FileColumn[]): string {
  const texts = columns.map(({ name, type, format }) => {
    const parts = [`name: ${JSON.stringify(name)}`];
    if (type !== undefined) parts.push(`type: "${formatValueType(type)}"`);
    if (format !== undefined) parts.push(`format: ${JSON.stringify(format)}`);
    return `{ ${parts.join(', ')} }`;
  });
  return `columns: [${texts.join(', ')}]`;
}

/** Fails where more text would have to be read to guess types than may be while one waits. */
export function tooMuchToGuess(bytes: number, columns: readonly FileColumn[]): Failure {
  const message = `the files have ${Math.ceil(bytes / 1e6)} MB of text: too much to tell all columns' types from`;
  const fix = `Declare them; the first part suggests files.${proposal(columns)}`;
  return new Failure('INVALID_INPUT', message, { issues: [{ path: 'columns', message, fix }] });
}
