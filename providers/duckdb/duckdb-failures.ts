import { Failure } from '../contract/failure.ts';
import { unheldTime } from '../sql/unheld-times.ts';
import { misfitFailure, misfitIn } from './files/misfit.ts';

/**
 * What DuckDB threw, as a failure for the user. The engine's own words are kept; the excerpt of the statement is
 * not, for it shows SQL that the user never wrote, nor are the directories that relative paths are under.
 * What is no error of a query (a defect, a full disk, a broken file) is left as it is.
 */
export function queryFailure(error: unknown, directories: readonly string[]): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const misfit = misfitIn(error.message);
  if (misfit !== undefined) return misfitFailure(misfit, error);
  const unheld = unheldTime(error.message);
  if (unheld !== undefined) return unheld;
  const [kind = '', words] = splitMessage(error.message);
  const message = directories.reduce((text, directory) => text.replaceAll(`${directory}/`, ''), words);
  switch (kind) {
    case 'INTERRUPT':
      return new Failure('CANCELLED', 'the work was cancelled', { cause: error });
    case 'Permission':
      return new Failure('QUERY_REFUSED', `the engine refused: ${message}`, { cause: error });
    case 'Out of Memory':
      return new Failure('LIMIT_EXCEEDED', `the query needs more memory than the engine may use: ${message}`, {
        cause: error,
      });
    case 'IO':
      return ioFailure(message, error);
    case 'INTERNAL':
    case 'FATAL':
    case 'TransactionContext':
    case '':
      return error;
    default:
      return new Failure('QUERY_FAILED', `${kind} error: ${message}`, { cause: error });
  }
}

/** What the engine says of a file that is not as its format has it, unlike what it says of a disk. */
const damage = /gzip|zstd|snappy|lz4|brotli|parquet|magic bytes|thrift|compress|corrupt|truncated/i;

function ioFailure(message: string, cause: Error): Failure {
  if (/no files found|does not exist|no such file/i.test(message)) return new Failure('NOT_FOUND', message, { cause });
  if (/cannot use multiple '\*\*'/i.test(message)) {
    const fix = "Write '**' once: it stands for any number of folders.";
    return new Failure('INVALID_INPUT', message, { issues: [{ path: 'paths', message, fix }], cause });
  }
  if (!damage.test(message)) return new Failure('UNAVAILABLE', message, { cause });
  const fix = 'Write or copy the file anew.';
  return new Failure('SCHEMA_MISMATCH', `a file can't be read: ${message}`, {
    issues: [{ path: 'files', message, fix }],
    cause,
  });
}

function splitMessage(message: string): [string | undefined, string] {
  const [, kind, words = message] = /^(?:Invalid Error: )?([A-Za-z ]+?) Error: ([\s\S]*)$/i.exec(message) ?? [];
  return [kind, words.split(/\n\s*LINE \d+:/)[0]?.trim() ?? ''];
}
