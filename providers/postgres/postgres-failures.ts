import { DatabaseError } from 'pg';
import { connectionErrors } from '../contract/connection-errors.ts';
import { Failure, type FailureCode } from '../contract/failure.ts';
import type { TypedColumn } from '../contract/table.ts';
import { RefusedHost } from '../peers/hosts.ts';
import { peerWords } from '../peers/peer-words.ts';
import { LongAnswer, longestValue, PeerError } from '../peers/postgres-frames.ts';
import { unheldTime } from '../sql/unheld-times.ts';

/** What PostgreSQL's error codes mean to us, the longest prefix first. Codes are those of its manual's appendix A. */
const codes: readonly (readonly [prefix: string, code: FailureCode, words: string])[] = [
  ['08', 'UNAVAILABLE', 'the connection was lost'],
  ['25006', 'QUERY_REFUSED', 'the session is read-only'],
  ['28', 'UNAVAILABLE', 'the server refused the user or the password'],
  ['3D000', 'UNAVAILABLE', 'the server has no such database'],
  ['40', 'UNAVAILABLE', 'another transaction was in the way'],
  ['42501', 'QUERY_REFUSED', 'the user may not do this: grant it, or connect as another user'],
  ['53100', 'UNAVAILABLE', 'the disk of the server is full'],
  ['53200', 'LIMIT_EXCEEDED', 'the server has not enough memory'],
  ['53300', 'UNAVAILABLE', 'the server has too many connections'],
  ['53400', 'LIMIT_EXCEEDED', 'a limit of the server is exceeded'],
  ['53', 'UNAVAILABLE', 'the server has not enough resources'],
  ['54', 'LIMIT_EXCEEDED', 'a limit of the server is exceeded'],
  ['55P03', 'TIMEOUT', 'a lock was not to be had in time'],
  ['57014', 'TIMEOUT', 'the statement took longer than its timeout'],
  ['57', 'UNAVAILABLE', 'the server is shutting down or starting'],
  ['58', 'UNAVAILABLE', 'the server met an error of its system'],
  ...['0A', '20', '21', '22', '23', '2B', '2F', '38', '39', '42', '44', 'P0'].map(
    (prefix) => [prefix, 'QUERY_FAILED', ''] as const,
  ),
];

/**
 * What the driver threw, as a failure for the user: the server's own words, without the address of the server or
 * the text of the statement. What is no error of a query or a connection (a defect) is left as it is.
 */
export function postgresFailure(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  if (error instanceof DatabaseError) return databaseFailure(error);
  if (error instanceof LongAnswer)
    return new Failure('LIMIT_EXCEEDED', `PostgreSQL's answer: ${error.message}`, { cause: error });
  if (error instanceof PeerError)
    return new Failure('UNAVAILABLE', `it does not speak as PostgreSQL does: ${error.message}`, { cause: error });
  if (error instanceof RefusedHost)
    return new Failure('UNAVAILABLE', `PostgreSQL can't be asked: ${error.message}`, { cause: error });
  if (isReadTimeout(error)) return new Failure('TIMEOUT', 'PostgreSQL did not answer in time');
  const code = 'code' in error ? String(error.code) : '';
  const why = connectionErrors[code] ?? lostConnection(error.message);
  if (why === undefined) return error;
  return new Failure('UNAVAILABLE', `PostgreSQL can't be reached: ${why}`, { cause: error });
}

/** As `postgresFailure`, of a connection that was not had: whatever the driver stumbled over came from the server. */
export function connectionFailure(error: unknown): unknown {
  const failure = postgresFailure(error);
  if (failure instanceof Failure || !(error instanceof Error)) return failure;
  return new Failure('UNAVAILABLE', "PostgreSQL can't be reached: its login could not be understood", { cause: error });
}

/** A statement that the client gave up. It may still run, so that its connection is of no more use. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Of a failure of one of several cursors that stand side by side. */
export function inPart(error: unknown, part: number): unknown {
  if (error instanceof Failure && error.cause instanceof LongAnswer) error.cause.part = part;
  return error;
}

/** A value that is too long to be read, told by its column: of those that stand side by side, each part has its own. */
export function namingColumn(error: unknown, parts: readonly (readonly TypedColumn[])[]): unknown {
  if (!(error instanceof Failure) || !(error.cause instanceof LongAnswer)) return error;
  const { column, part } = error.cause;
  const name = column === undefined ? undefined : parts[part]?.[column]?.name;
  if (name === undefined) return error;
  const message = `the column ${name} holds a value of more than the ${longestValue / 1_048_576} MB that can be read`;
  const fix = 'leave the value out, or keep it in parts';
  return new Failure('LIMIT_EXCEEDED', message, { issues: [{ path: name, message, fix }], cause: error });
}

/** The server's own code of what it refused, also where that is a failure already. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.code;
  return error instanceof Failure ? sqlState(error.cause) : undefined;
}

export function isUndefinedTable(error: unknown): boolean {
  return sqlState(error) === '42P01';
}

/** A store's own write that a read-only server refused. A replica may be promoted, so that trying again can help. */
export function writeFailure(error: unknown): unknown {
  if (sqlState(error) !== '25006') return error;
  const message = 'PostgreSQL takes no writes here: connect to the primary server, not to a replica of it';
  return new Failure('UNAVAILABLE', `${message}, and set default_transaction_read_only off`, { cause: error });
}

function databaseFailure(error: DatabaseError): unknown {
  const unheld = unheldTime(error.message);
  if (unheld !== undefined) return unheld;
  const known = codes.find(([prefix]) => error.code?.startsWith(prefix));
  const [, code, words] = known ?? ['', 'QUERY_FAILED', 'the server met an error'];
  const said = [error.message, error.detail].flatMap((part) => (part === undefined ? [] : peerWords(part))).join('. ');
  return new Failure(code, words === '' ? said : `${words} (${said})`, { cause: error });
}

/** What the driver itself says when a connection ends, for which it has no codes. */
function lostConnection(message: string): string | undefined {
  if (/timeout exceeded when trying to connect|connection timeout/i.test(message)) return connectionErrors.ETIMEDOUT;
  if (/connection terminated|not queryable|client was closed/i.test(message)) return 'the connection was lost';
  if (/server does not support SSL/i.test(message)) return 'it does not speak TLS, which the provider asks for';
  if (/certificate|self.signed/i.test(message)) return `its certificate is not trusted (${peerWords(message)})`;
  if (/received (?:invalid|unexpected)/i.test(message)) return 'it does not speak as PostgreSQL does';
  if (/password must be a string|SASL/i.test(message))
    return 'it asks for a password, and none (or a wrong kind) is set';
  return undefined;
}
