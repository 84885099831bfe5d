import { distinctIssues, Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Sealing } from '../stores/sealing.ts';
import { doneInTurns, turn } from '../turns.ts';
import { type Catalog, sameDefinitions } from './catalog.ts';
import { checkSteps } from './checks/check-steps.ts';
import { type CheckWorld, checkWorld, type ProviderRefusals } from './checks/check-world.ts';
import type { KnownColumns } from './checks/known-columns.ts';
import type { RegistryFollowUp } from './follow-up.ts';
import type { ReservedNames } from './graph-names.ts';
import { draughting, isNew, type PlanStep } from './planning.ts';
import { kindInWords } from './reference.ts';
import { decideFiles } from './source-files.ts';
import { windowNotes } from './window-notes.ts';

/** What `apply` would do with a batch to the catalog `before`, and what it looked at. With issues it would do nothing. */
export type Plan<Work> = {
  steps: PlanStep[];
  /** Besides conflicts, which are steps. */
  issues: Issue[];
  /** What is not wrong, but may not be what was meant. */
  notes: Issue[];
  work: Work[];
  before: Catalog;
  after: Catalog;
  world: CheckWorld;
};

/** What a batch is held against: what is registered, what never succeeded of it, and what the stores say. */
export type PlanWorld = {
  before: Catalog;
  neverSucceeded: ReadonlySet<string>;
  columns: KnownColumns;
  reservedNames: ReservedNames;
  providerRefusals?: ProviderRefusals | undefined;
  sealing?: Sealing | undefined;
};

/** Plans a batch. It asks the stores what it must, and writes nothing. */
export async function planBatch<Work>(
  inputs: readonly unknown[],
  { before, neverSucceeded, columns, reservedNames, providerRefusals, sealing }: PlanWorld,
  needed: RegistryFollowUp<Work>['needed'],
): Promise<Plan<Work>> {
  const issues: Issue[] = [];
  const draught = await doneInTurns(draughting(before, inputs, issues, neverSucceeded, sealing));
  await turn();
  const { steps, after, notes, unreadable } = await decideFiles(draught, columns);
  const world = checkWorld(after, columns, reservedNames, unreadable, providerRefusals);
  await checkSteps(steps, world, issues);
  const read = await Promise.all(steps.map((step) => withColumns(step, world)));
  return {
    steps: read,
    issues: distinctIssues(issues),
    notes: distinctIssues([...notes, ...(issues.length === 0 ? windowNotes(steps) : [])]),
    work: needed(steps, after),
    before,
    after,
    world,
  };
}

/** A step that creates a source, with the columns that were read of it. */
async function withColumns(step: PlanStep, world: CheckWorld): Promise<PlanStep> {
  if (!isNew(step) || step.kind !== 'SOURCE') return step;
  const columns = await world.columnsIfReadable(step.ref);
  return columns === undefined ? step : { ...step, columns };
}

/** Whether a plan still fits what is registered: a job that was started again meanwhile may yet succeed. */
export function isCurrent({ steps, before }: Plan<unknown>, now: Catalog): boolean {
  const replaced = steps.flatMap((step) => step.replaced);
  return replaced.every(({ id, status }) => now.byId(id)?.status === status) && sameDefinitions(now, before);
}

/** All for which `refuseProblems` fails. */
export function problemsOf({ issues, steps }: Plan<unknown>): Issue[] {
  return [...issues, ...steps.filter(({ action }) => action === 'CONFLICT').flatMap(conflictIssues)];
}

/** Fails with all that is wrong with a plan: INVALID_INPUT, or RESOURCE_CHANGED where it is conflicts alone. */
export function refuseProblems(plan: Plan<unknown>): void {
  const conflicts = plan.steps.filter((step) => step.action === 'CONFLICT');
  const changes = conflicts.flatMap(conflictIssues);
  if (plan.issues.length > 0) {
    throw new Failure('INVALID_INPUT', 'Nothing was registered: the definitions have issues.', {
      issues: problemsOf(plan),
    });
  }
  if (changes.length === 0) return;
  const refs = conflicts.map((step) => `${kindInWords(step.kind)} ${step.ref}`).join(', ');
  throw new Failure(
    'RESOURCE_CHANGED',
    `A registered variant is immutable, and these differ from what is registered: ${refs}.`,
    { issues: changes },
  );
}

function conflictIssues(step: PlanStep): Issue[] {
  return step.changes
    .filter((change) => !change.inPlace)
    .map((change) => ({
      path: `definitions[${step.at}].${change.path}`,
      message: `${step.ref} is registered with ${JSON.stringify(change.before)}, not ${JSON.stringify(change.after)}.`,
      fix: 'Register it as a new variant.',
    }));
}
