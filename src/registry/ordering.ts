import type { Issue } from '../../providers/contract/failure.ts';
import type { Definition } from './definitions/definition.ts';
import { type Draft, pathOf } from './drafts.ts';
import { referencesOf } from './pinning.ts';
import { kindInWords, type ResourceKind, viewKinds, viewOfFeature } from './reference.ts';

/**
 * The batch with each definition after those it refers to. Definitions on a cycle are reported, one issue a
 * cycle, and left out. The order is otherwise the one given.
 */
export function orderDrafts(drafts: readonly Draft[], issues: Issue[]): Draft[] {
  const byIdentity = new Map(drafts.map((draft) => [identityOf(draft.definition), draft]));
  const ordered: Draft[] = [];
  const state = new Map<Draft, 'VISITING' | 'DONE' | 'CYCLIC'>();

  const visit = (draft: Draft, trail: readonly Draft[]): void => {
    if (state.get(draft) === 'VISITING') reportCycle(trail.slice(trail.indexOf(draft)), state, issues);
    if (state.has(draft)) return;
    state.set(draft, 'VISITING');
    for (const { kind, reference } of referencesOf(draft.definition)) {
      for (const identity of identitiesIn(kind, reference)) {
        const needed = byIdentity.get(identity);
        if (needed !== undefined) visit(needed, [...trail, draft]);
      }
    }
    if (state.get(draft) === 'CYCLIC') return;
    state.set(draft, 'DONE');
    ordered.push(draft);
  };
  for (const draft of drafts) visit(draft, []);
  return ordered;
}

function reportCycle(cycle: readonly Draft[], state: Map<Draft, string>, issues: Issue[]): void {
  const [first] = cycle;
  if (first === undefined) return;
  for (const draft of cycle) state.set(draft, 'CYCLIC');
  const names = [...cycle, first].map((draft) => draft.definition.name).join(' → ');
  const message = `These ${kindInWords(first.definition.kind)}s are built on each other: ${names}.`;
  issues.push({
    path: pathOf(first.at, ''),
    message,
    fix: 'Break the circle: one of them must not use the next.',
  });
}

function identityOf(definition: Definition): string {
  return `${definition.kind} ${definition.name}@${definition.variant}`;
}

/** A feature is one of either kind of view. */
function identitiesIn(kind: ResourceKind, reference: string): string[] {
  if (kind !== 'FEATURE') return [`${kind} ${reference}`];
  return viewKinds.map((view) => `${view} ${viewOfFeature(reference)}`);
}
