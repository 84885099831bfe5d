import { Failure } from '../../contract/failure.ts';

/** Where something in a file is not what its source says, and what would put it right. */
export type Misfit = {
  file: string;
  /** From 1. A record of a JSON or Parquet file has a row instead. */
  line?: number;
  row?: number;
  column?: string;
  message: string;
  fix: string;
};

const longest = 100;

/** As a failure for whoever reads the file: it fails the same way until the file or the source is another. */
export function misfitFailure({ file, line, row, column, message, fix }: Misfit, cause?: unknown): Failure {
  const place = line !== undefined ? `line ${line}` : row !== undefined ? `row ${row}` : undefined;
  const where = [file, place, column === undefined ? undefined : `column "${column}"`];
  const words = `${where.filter((one) => one !== undefined).join(', ')}: ${message}`;
  const path = [file, line ?? row, column].filter((one) => one !== undefined).join(':');
  return new Failure('SCHEMA_MISMATCH', words, { issues: [{ path, message: words, fix }], cause });
}

/** A cell's text as a message shows it. */
export function shown(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

const marker = 'featuregraph misfit ';

/** An expression that fails with a misfit where, and only where, the engine has need of its value. */
export function misfitSql(misfit: Misfit): string {
  return `error('${(marker + JSON.stringify(misfit)).replaceAll("'", "''")}')`;
}

/** The misfit that an engine's error tells of, if it does. */
export function misfitIn(message: string): Misfit | undefined {
  const at = message.indexOf(marker);
  if (at < 0) return undefined;
  try {
    return JSON.parse(message.slice(at + marker.length)) as Misfit;
  } catch {
    return undefined;
  }
}
