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

/** The misfit that an engine's error tells of, if it does. Whoever writes SQL can write such an error, too. */
export function misfitIn(message: string): Misfit | undefined {
  const at = message.indexOf(marker);
  if (at < 0) return undefined;
  try {
    const told: unknown = JSON.parse(message.slice(at + marker.length, message.lastIndexOf('}') + 1));
    return isMisfit(told) ? told : undefined;
  } catch {
    return undefined;
  }
}

function isMisfit(told: unknown): told is Misfit {
  if (typeof told !== 'object' || told === null) return false;
  const { file, line, row, column, message, fix } = told as Record<keyof Misfit, unknown>;
  const isOptional = (value: unknown, type: string) => value === undefined || typeof value === type;
  const isPlaced = isOptional(line, 'number') && isOptional(row, 'number') && isOptional(column, 'string');
  return isPlaced && [file, message, fix].every((text) => typeof text === 'string');
}
