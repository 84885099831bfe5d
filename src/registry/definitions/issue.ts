import type { z } from 'zod';
import type { Issue } from '../../../providers/contract/failure.ts';

/** What zod found, as ours. A rule of our own says the fix in its `params`. */
export function issueOf(found: z.core.$ZodIssue, path = writtenPath(found.path)): Issue {
  const fix: unknown = found.code === 'custom' ? found.params?.fix : undefined;
  return { path, message: found.message, ...(typeof fix === 'string' && { fix }) };
}

/** A path as issues have it: `spine.rows.columns[0].name`. */
export function writtenPath(steps: readonly PropertyKey[], start = ''): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, start);
}
