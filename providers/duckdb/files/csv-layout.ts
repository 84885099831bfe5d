import { Failure } from '../../contract/failure.ts';
import { type CsvFormat, csvDefaults, type FilesRelation } from '../../contract/relation.ts';
import { CsvScan, splitRecord } from './csv-scan.ts';
import type { DataFile } from './data-files.ts';
import { canonicalEncoding } from './declared-columns.ts';
import { type FileTools, onceACall } from './file-reading.ts';
import { textOf } from './file-text.ts';
import { misfitFailure } from './misfit.ts';

const delimiters = [',', '\t', ';', '|'];
const sampleBytes = 256 * 1024;

/** How the files are written: as declared, and for the rest as the first one can only be. */
export async function decideCsvFormat(
  [first]: readonly DataFile[],
  { csv = {}, columns = [] }: FilesRelation,
): Promise<CsvFormat> {
  if (first === undefined) throw new RangeError('a source has a file');
  const encoding = csv.encoding === undefined ? await markedEncoding(first) : canonicalEncoding(csv.encoding);
  const format = { ...csvDefaults, ...csv, encoding: encoding ?? 'utf-8' };
  if (csv.delimiter !== undefined) return { ...format, delimiter: csv.delimiter };
  const sample = await beginning(first, format.encoding);
  const wanted = format.header ? undefined : columns.length;
  return { ...format, delimiter: delimiterOf(first.name, sample, format, wanted) };
}

/** A byte order mark says what the text is in, and nothing else begins with one. */
async function markedEncoding(file: DataFile): Promise<string> {
  // Every byte is text there, so that a mark shows whatever follows it.
  for await (const chunk of textOf(file, 'windows-1252')) {
    const mark = chunk.toString().slice(0, 2);
    if (mark === 'ÿþ') return 'utf-16le';
    if (mark === 'þÿ') return 'utf-16be';
    break;
  }
  return 'utf-8';
}

/** The first lines of a file, whole ones unless it has but one. */
async function beginning(file: DataFile, encoding: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of textOf(file, encoding)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= sampleBytes) {
      const text = Buffer.concat(chunks);
      return text.subarray(0, Math.max(text.lastIndexOf(10), text.lastIndexOf(13)) + 1);
    }
  }
  return Buffer.concat(chunks);
}

/**
 * The one that parts the first line into several fields, or without a header into as many as are declared; where
 * several do, the one by which the lines after it have as many. A text without any has one column.
 */
function delimiterOf(
  file: string,
  sample: Buffer,
  format: Omit<CsvFormat, 'delimiter'>,
  wanted: number | undefined,
): string {
  const parting = delimiters.filter((delimiter) => {
    const fields = fieldsOfFirst(file, sample, { ...format, delimiter });
    return wanted === undefined || wanted < 2 ? fields > 1 : fields === wanted;
  });
  const fitting =
    parting.length < 2 ? parting : parting.filter((delimiter) => fits(file, sample, { ...format, delimiter }));
  if (parting.length === 0 || wanted === 1) return ',';
  const [delimiter] = fitting;
  if (fitting.length === 1 && delimiter !== undefined) return delimiter;
  const message = `${file} can be read with any of the delimiters ${parting.map((one) => JSON.stringify(one)).join(', ')}`;
  const issues = [{ path: 'csv.delimiter', message, fix: 'Say which it is: files.csv.delimiter.' }];
  throw new Failure('INVALID_INPUT', message, { issues });
}

function fieldsOfFirst(file: string, sample: Buffer, format: CsvFormat): number {
  const scan = new CsvScan(file, format);
  try {
    scan.push(sample);
    scan.end();
  } catch {
    // Where a later line does not fit, the first one still tells.
  }
  return scan.fields ?? 0;
}

function fits(file: string, sample: Buffer, format: CsvFormat): boolean {
  const scan = new CsvScan(file, format);
  try {
    scan.push(sample);
    scan.end();
    return true;
  } catch {
    return false;
  }
}

/** A whole file, held to the format. */
export function scanned(file: DataFile, format: CsvFormat, tools: FileTools): Promise<CsvScan> {
  return onceACall(tools, `scan ${file.path}`, () => scanFile(file, format, tools));
}

async function scanFile(file: DataFile, format: CsvFormat, { watch }: FileTools, wanted?: number): Promise<CsvScan> {
  const scan = new CsvScan(file.name, format, wanted);
  for await (const chunk of textOf(file, format.encoding, watch.signal)) scan.push(chunk);
  scan.end();
  return scan;
}

/** The line on which a record begins, counted as the engine counts records. */
export async function lineOf(
  file: DataFile,
  format: CsvFormat,
  record: number,
  tools: FileTools,
): Promise<number | undefined> {
  return (await scanFile(file, format, tools, record)).wantedLine;
}

/** The names of a file's fields, in their order: of its header, or as declared. */
export function fieldNames(file: DataFile, scan: CsvScan, format: CsvFormat, declared: readonly string[]): string[] {
  if (format.header) return splitRecord(scan.firstRecord?.text ?? '', format);
  if (scan.fields !== undefined && scan.fields !== declared.length) {
    const message = `${scan.fields} fields where ${declared.length} columns are declared`;
    throw misfitFailure({ file: file.name, line: 1, message, fix: 'Declare a column for each field.' });
  }
  return [...declared];
}
