import { isTurnDue, turn, type Waiting } from '../src/turns.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Many entities have many values, each of which may be much to compute: at once where nobody has waited for long. `prepare`
 * does in turns what takes long of a single one, and gives nothing where that is little.
 */
export function inTurn<T>(
  { lifetime }: Pick<RequestContext, 'lifetime'>,
  compute: () => T,
  prepare?: (waiting: Waiting) => Promise<unknown> | undefined,
): T | Promise<T> {
  const preparing = isTurnDue() ? turn(lifetime).then(() => prepare?.(lifetime)) : prepare?.(lifetime);
  return preparing === undefined ? compute() : preparing.then(compute);
}
