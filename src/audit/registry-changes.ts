import type { Resource } from '../registry/catalog.ts';
import { isChange, type PlanStep } from '../registry/planning.ts';
import type { Json } from '../state/tables.ts';
import type { Actor, AuditEntry } from './audit-entry.ts';

const actions = { CREATE: 'REGISTER', REPLACE: 'REGISTER_ANEW', UPDATE: 'UPDATE' } as const;

/** An entry for each definition that a plan changes, with the difference field by field; secrets are not in that. */
export function entriesOfSteps(actor: Actor, steps: readonly PlanStep[]): AuditEntry[] {
  return steps.filter(isChange).map(({ action, kind, ref, changes }) => ({
    actor,
    action: actions[action as keyof typeof actions],
    resource: `${kind} ${ref}`,
    outcome: 'DONE',
    ...(changes.length > 0 && {
      details: { changes: changes.map(({ path, before, after }) => ({ path, before, after })) as Json },
    }),
  }));
}

export function entriesOfGone(actor: Actor, gone: readonly Resource[]): AuditEntry[] {
  const named = gone.filter(({ kind }) => kind !== 'FEATURE');
  const resources = named.length > 0 ? named : gone;
  return resources.map(({ kind, ref }) => ({ actor, action: 'DELETE', resource: `${kind} ${ref}`, outcome: 'DONE' }));
}
