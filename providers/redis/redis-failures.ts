import { ReplyError } from 'ioredis';
import { connectionErrors } from '../contract/connection-errors.ts';
import { Failure, type FailureCode } from '../contract/failure.ts';
import { RefusedHost } from '../peers/hosts.ts';
import { peerWords } from '../peers/peer-words.ts';
import { RedisPeerError } from './redis-replies.ts';

/** What the first word of an error that Redis answers with means to us. */
const answers: Readonly<Record<string, readonly [code: FailureCode, words: string]>> = {
  NOAUTH: ['UNAVAILABLE', 'it asks for a password, and the provider has none'],
  WRONGPASS: ['UNAVAILABLE', 'it refused the username or the password: check the secret that the provider names'],
  NOPERM: ['QUERY_REFUSED', 'its user may not do this: grant it (ACL SETUSER), or connect as another user'],
  READONLY: ['UNAVAILABLE', "it is a read-only replica: the provider's address must lead to the primary"],
  OOM: ['UNAVAILABLE', 'its memory is full: raise maxmemory, add nodes, or delete views'],
  MISCONF: ['UNAVAILABLE', "it takes no writes, for it can't save to disk: is the disk full?"],
  NOREPLICAS: ['UNAVAILABLE', 'it takes no writes, for it has too few replicas'],
  LOADING: ['UNAVAILABLE', 'it is loading its data: it answers when that is done'],
  MASTERDOWN: ['UNAVAILABLE', 'it is a replica that has lost its primary'],
  CLUSTERDOWN: ['UNAVAILABLE', 'its cluster is down: some slots have no node'],
  TRYAGAIN: ['UNAVAILABLE', 'its cluster is moving these keys'],
  MOVED: ['UNAVAILABLE', 'it is a node of a cluster: set "cluster: true" in the provider'],
  CROSSSLOT: ['UNAVAILABLE', 'it is a node of a cluster: set "cluster: true" in the provider'],
  BUSY: ['UNAVAILABLE', 'it is busy with a script'],
};

/**
 * What the client or the server said, as a failure for the user: no address, no secret, no command. `last` is the
 * newest error of the connection, which says why where the client only says that it gave up.
 */
export function redisFailure(error: unknown, last?: Error): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const reason = reasonOf(error) ?? (last && reasonOf(last));
  if (reason !== undefined) return reason;
  if (!gaveUp.test(`${error.name} ${error.message}`)) return error;
  return new Failure(
    'UNAVAILABLE',
    "Redis can't be reached: it takes no connection, or ended it. Is it running, and at this address?",
    { cause: bare(error) },
  );
}

function reasonOf(error: Error): Failure | undefined {
  return notRedis(error) ?? serverAnswer(error) ?? unreachable(error) ?? refusal(error);
}

function notRedis(error: Error): Failure | undefined {
  const isPeer = error instanceof RedisPeerError || error instanceof RefusedHost;
  return isPeer
    ? new Failure('UNAVAILABLE', `Redis can't be asked: ${error.message}`, { cause: bare(error) })
    : undefined;
}

/** The client gives its errors the command and all that was sent with it: entity keys, rows, the password. */
function bare(error: Error): Error {
  return new Error(said(error));
}

/** Redis repeats what it was sent with a command that it does not know, a password too. */
function said(error: Error): string {
  return peerWords(error.message.replace(/, with args beginning with:.*/s, ''));
}

const gaveUp =
  /MaxRetriesPerRequest|ClusterAllFailed|Connection is closed|Stream isn't writeable|refresh slots|Socket timeout|all keys in the pipeline|None of startup nodes|Command aborted|^Error timeout$/i;

function serverAnswer(error: Error): Failure | undefined {
  const [first = ''] = error.message.split(' ');
  const known = answers[first] ?? answers[generic(error.message)];
  if (known === undefined) return undefined;
  const [code, words] = known;
  return new Failure(code, `Redis can't serve: ${words}`, { cause: bare(error) });
}

/** What a server answers that is set up in a way of its own, or whose keys of ours hold what is not ours. */
function refusal(error: Error): Failure | undefined {
  return error instanceof ReplyError
    ? new Failure('QUERY_FAILED', `Redis refuses a command: ${said(error)}`)
    : undefined;
}

/** Errors that Redis answers with under the general `ERR`, as the special ones that they amount to. */
function generic(message: string): string {
  if (/^ERR (invalid password|AUTH|Client sent AUTH)/i.test(message)) return 'WRONGPASS';
  return '';
}

function unreachable(error: Error): Failure | undefined {
  const code = 'code' in error ? String(error.code) : '';
  const why = connectionErrors[code] ?? without(error.message) ?? tls(code, error.message) ?? system(error, code);
  return why === undefined
    ? undefined
    : new Failure('UNAVAILABLE', `Redis can't be reached: ${why}`, { cause: bare(error) });
}

function without(message: string): string | undefined {
  if (/DB index is out of range/i.test(message)) return 'it has no database of this number';
  if (/SELECT is not allowed in cluster mode/i.test(message)) return 'a cluster has no database numbers';
  if (/cluster support disabled/i.test(message)) return 'it is no cluster: leave "cluster" out of the provider';
  return undefined;
}

/** Whatever else the system says of a connection, as of a host that it can't make an address of. */
function system(error: Error, code: string): string | undefined {
  return 'syscall' in error ? `there is no connection to its host (${code})` : undefined;
}

function tls(code: string, message: string): string | undefined {
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'it does not speak TLS, which the provider asks for';
  if (/certificate|self.signed|altname/i.test(`${code} ${message}`)) return `its certificate is not trusted (${code})`;
  return undefined;
}
