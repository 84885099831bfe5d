import { resolveArrayConnection } from '@pothos/plugin-relay';
import { Failure } from '../providers/contract/failure.ts';
import type { Limits } from '../src/config/limits.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';

export type ConnectionArguments = {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
};

export const defaultPage = 50;
export const largestPage = 1_000;

/** A page of a list that is in memory. Fails with INVALID_INPUT for a page that is too large or makes no sense. */
export function pageOf<T>(args: ConnectionArguments, items: readonly T[]) {
  refuseBadPage(args);
  for (const path of ['after', 'before'] as const) refuseBadCursor(path, args[path]);
  const page = resolveArrayConnection<T>({ args, defaultSize: defaultPage, maxSize: largestPage }, items);
  return { ...page, totalCount: items.length };
}

export function refuseBadPage(args: ConnectionArguments): void {
  for (const path of ['first', 'last'] as const) {
    const size = args[path];
    if (size === null || size === undefined || (size >= 0 && size <= largestPage)) continue;
    throw new Failure('INVALID_INPUT', `"${path}" must be from 0 to ${largestPage}.`, {
      issues: [{ path, message: `is ${size}`, fix: `Ask for ${largestPage} at most, and page with "after".` }],
    });
  }
}

export function refuseTooManyIds(path: string, found: number, { ids: most }: Limits): void {
  if (found > most) throw limitExceeded({ path, what: 'ids', found, most });
}

/** What `resolveArrayConnection` writes and reads; anything else makes it throw. */
function refuseBadCursor(path: string, cursor: string | null | undefined): void {
  if (cursor === null || cursor === undefined) return;
  if (/^OffsetConnection:\d+$/.test(Buffer.from(cursor, 'base64').toString())) return;
  throw new Failure('INVALID_INPUT', `"${cursor}" is no cursor of this list.`, {
    issues: [{ path, message: 'is no cursor', fix: 'Pass the cursor of an earlier page as it was given.' }],
  });
}
