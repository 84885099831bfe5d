import type { z } from 'zod';
import type { Issue } from '../../../providers/contract/failure.ts';

/** What zod found, as ours. A rule of our own says the fix in its `params`. */
export function issueOf(found: z.core.$ZodIssue, path = writtenPath(found.path)): Issue {
  const fix: unknown = found.code === 'custom' ? found.params?.fix : undefined;
  return { path, message: inOurWords(found), ...(typeof fix === 'string' && { fix }) };
}

const isOfZod = /^(Invalid|Too small|Too big|Unrecognized key)/;

/** Rules of our own speak for themselves; what zod says by itself is in a programmer's words. */
function inOurWords(found: z.core.$ZodIssue): string {
  if (!isOfZod.test(found.message)) return found.message;
  switch (found.code) {
    case 'invalid_type':
      return found.message.endsWith('received undefined')
        ? 'must be given'
        : `must be ${nouns[found.expected] ?? found.expected}`;
    case 'invalid_value':
      return `must be one of ${found.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `knows no ${found.keys.map((key) => `"${key}"`).join(', ')}`;
    case 'too_small':
      return ofSize(found.origin, 'at least', found.minimum);
    case 'too_big':
      return ofSize(found.origin, 'at most', found.maximum);
    default:
      return found.message;
  }
}

const nouns: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'a text',
};

function ofSize(origin: string, bound: string, size: number | bigint): string {
  if (origin === 'string')
    return size === 1 && bound === 'at least' ? 'must not be empty' : `must have ${bound} ${size} characters`;
  if (origin === 'array') return `must have ${bound} ${size === 1 ? 'one entry' : `${size} entries`}`;
  return `must be ${bound} ${size}`;
}

/** A path as issues have it: `spine.rows.columns[0].name`. */
export function writtenPath(steps: readonly PropertyKey[], start = ''): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, start);
}
