import { resolveArrayConnection } from '@pothos/plugin-relay';
import { Failure } from '../providers/contract/failure.ts';

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
