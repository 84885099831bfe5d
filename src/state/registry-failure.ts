import { Failure } from '../../providers/contract/failure.ts';
import { isConnectionLost } from './connection-lost.ts';

/** SQLSTATE codes, or the class that they begin with, under which the registry's Postgres takes no writes or connections. */
const reasons: readonly (readonly [state: string, words: string])[] = [
  ['25006', 'it is read-only: its address must lead to the primary'],
  ['28', 'it refused the user or the password of DATABASE_URL'],
  ['3D000', 'it has no such database as DATABASE_URL names'],
  ['53100', 'its disk is full'],
  ['53300', 'it has too many connections: lower FEATUREGRAPH_DATABASE_CONNECTIONS, or allow it more'],
  ['53', 'it has not enough resources'],
];

/**
 * What went wrong with the registry's Postgres itself, as a failure for the user; undefined for anything else. All that
 * the stores throw is a failure already, so what carries such a code otherwise comes from the registry.
 */
export function registryFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure || !(error instanceof Error)) return undefined;
  const state = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const words = reasons.find(([prefix]) => state.startsWith(prefix))?.[1];
  if (words !== undefined) return unavailable(words, error);
  return isConnectionLost(error)
    ? unavailable('it can not be reached. Check its address and that it runs', error)
    : undefined;
}

function unavailable(words: string, cause: Error): Failure {
  return new Failure('UNAVAILABLE', `The registry's Postgres does not serve: ${words}.`, { cause });
}
