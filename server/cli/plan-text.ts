import type { JsonValue, PlanQuery } from '@featuregraph/client';
import type { Defined } from './definition-files.ts';
import { placingIn } from './definition-places.ts';
import { inWords, styled } from './output.ts';
import { issueText } from './told-errors.ts';

type Plan = PlanQuery['plan'];
/** `id` of a grant, which has no reference: `ref` is it in words. */
export type Deletion = { kind: string; ref: string; id?: string };

const signs = {
  CREATE: ['green', '+'],
  UPDATE: ['yellow', '~'],
  REPLACE: ['yellow', '±'],
  CONFLICT: ['red', '!'],
} as const;

/** Whether applying would write anything, or be refused. */
export function hasChanges({ steps, grants }: Plan, deletions: readonly Deletion[]): boolean {
  return deletions.length > 0 || [...steps, ...grants].some(({ action }) => action !== 'UNCHANGED');
}

/** A plan in words: what would be done to what, field by field, and how much that is. */
export function planText(plan: Plan, deletions: readonly Deletion[], defined: readonly Defined[]): string {
  const lines = plan.steps.flatMap((step) => {
    if (step.action === 'UNCHANGED') return [];
    const [color, sign] = signs[step.action];
    const note = step.action === 'REPLACE' ? ' (no job of it ever succeeded: it is registered anew)' : '';
    return [styled(color, `  ${sign} ${inWords(step.kind)} ${step.ref}${note}`), ...step.changes.map(changeText)];
  });
  lines.push(...plan.grants.flatMap(grantText));
  const gone = deletions.map(({ kind, ref }) => styled('red', `  - ${inWords(kind)} ${ref}`));
  const placing = placingIn(defined);
  const issues = plan.issues.map((issue) => styled('red', issueText(issue, placing)));
  const notes = plan.notes.map((note) => styled('yellow', issueText(note, placing, 'i')));
  if (notes.length > 0) notes.unshift(`${counted(notes.length, 'note')}, which nothing has to follow:`);
  const parts = [[...lines, ...gone], issues, [summary(plan, deletions)], notes].filter((part) => part.length > 0);
  return parts.map((part) => part.join('\n')).join('\n\n');
}

function grantText({ action, description, sensitive }: Plan['grants'][number]): string[] {
  if (action === 'UNCHANGED') return [];
  const [color, sign] = signs[action];
  const line = styled(color, `  ${sign} grant ${description}`);
  if (action === 'UPDATE') return [line, `      sensitive: ${!sensitive} → ${sensitive}`];
  return [sensitive ? `${line}, sensitive values too` : line];
}

function changeText({ path, before, after, inPlace }: Plan['steps'][number]['changes'][number]): string {
  return `      ${path}: ${short(before)} → ${short(after)}${inPlace ? '' : '  (a registered variant is immutable)'}`;
}

function short(value: JsonValue | null): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function summary({ steps: registered, grants, issues, jobs }: Plan, deletions: readonly Deletion[]): string {
  const steps = [...registered, ...grants];
  if (issues.length > 0) return `Nothing can be applied: ${counted(issues.length, 'issue')}.`;
  const count = (action: string) => steps.filter((step) => step.action === action).length;
  const parts = (
    [
      [count('CREATE'), 'to create'],
      [count('UPDATE'), 'to update'],
      [count('REPLACE'), 'to register anew'],
      [deletions.length, 'to delete'],
    ] as const
  ).filter(([many]) => many > 0);
  if (parts.length === 0) return `No change: ${counted(steps.length, 'definition')} as registered.`;
  const work = jobs.length === 0 ? 'No job will run' : `${counted(jobs.length, 'job')} will run`;
  return `Plan: ${parts.map(([many, what]) => `${many} ${what}`).join(', ')}, ${count('UNCHANGED')} unchanged. ${work}.`;
}

export function counted(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}
