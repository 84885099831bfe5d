import type { Failure } from '../../providers/contract/failure.ts';
import type { Limits } from '../../src/config/limits.ts';
import { limitExceeded } from '../../src/limit-exceeded.ts';

/**
 * Why variables are not to be read: some list is too long, or lists and objects lie too deep in one another for what reads
 * them. A list may have `most` items.
 */
export function refusalOfVariables(variables: unknown, limits: Limits, most: number): Failure | undefined {
  let level: unknown[] = isNested(variables) ? [variables] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.nesting) {
      const fix = 'Send values that lie less deep in one another.';
      return limitExceeded({
        path: 'variables',
        what: 'levels of lists and objects',
        found: 'more',
        most: limits.nesting,
        fix,
      });
    }
    const long = level.find((value): value is unknown[] => Array.isArray(value) && value.length > most);
    if (long) return limitExceeded({ path: 'variables', what: 'items of a list', found: long.length, most });
    level = nestedIn(level);
  }
  return undefined;
}

function nestedIn(values: readonly unknown[]): unknown[] {
  const nested: unknown[] = [];
  for (const value of values) {
    for (const item of Array.isArray(value) ? value : Object.values(value as object)) {
      if (isNested(item)) nested.push(item);
    }
  }
  return nested;
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
