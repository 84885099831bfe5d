import type { JsonValue, PlanQuery } from '@featuregraph/client';
import { type Defined, placedIssue } from './definition-files.ts';
import { inWords, styled } from './output.ts';

type Plan = PlanQuery['plan'];
export type Deletion = { kind: string; ref: string };

const signs = {
  CREATE: ['green', '+'],
  UPDATE: ['yellow', '~'],
  REPLACE: ['yellow', '±'],
  CONFLICT: ['red', '!'],
} as const;

/** Whether applying would write anything, or be refused. */
export function hasChanges({ steps }: Plan, deletions: readonly Deletion[]): boolean {
  return deletions.length > 0 || steps.some(({ action }) => action !== 'UNCHANGED');
}

/** A plan in words: what would be done to what, field by field, and how much that is. */
export function planText(plan: Plan, deletions: readonly Deletion[], defined: readonly Defined[]): string {
  const lines = plan.steps.flatMap((step) => {
    if (step.action === 'UNCHANGED') return [];
    const [color, sign] = signs[step.action];
    const note = step.action === 'REPLACE' ? ' (no job of it ever succeeded: it is registered anew)' : '';
    return [styled(color, `  ${sign} ${inWords(step.kind)} ${step.ref}${note}`), ...step.changes.map(changeText)];
  });
  const gone = deletions.map(({ kind, ref }) => styled('red', `  - ${inWords(kind)} ${ref}`));
  const issues = plan.issues.map((issue) => styled('red', placedIssue(issue, defined)));
  const notes = plan.notes.map((note) => styled('yellow', placedIssue(note, defined)));
  const parts = [[...lines, ...gone], issues, notes, [summary(plan, deletions)]].filter((part) => part.length > 0);
  return parts.map((part) => part.join('\n')).join('\n\n');
}

function changeText({ path, before, after, inPlace }: Plan['steps'][number]['changes'][number]): string {
  return `      ${path}: ${short(before)} → ${short(after)}${inPlace ? '' : '  (a registered variant is immutable)'}`;
}

function short(value: JsonValue | null): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function summary({ steps, issues, jobs }: Plan, deletions: readonly Deletion[]): string {
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
