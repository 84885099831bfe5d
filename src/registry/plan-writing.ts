import type { Column } from '../../providers/contract/offline-store.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import type { Resource, ResourceOf } from './catalog.ts';
import { type Plan, refuseProblems } from './checked-plan.ts';
import type { RegistryFollowUp } from './follow-up.ts';
import { isNew } from './planning.ts';
import { announce } from './resource-changes.ts';
import { deleteResources, insertResources, updateResources } from './resource-store.ts';
import { keepColumns } from './source-columns.ts';

/** Writes what a plan says, and starts its work; refuses one with problems. */
export async function writePlan<Work>(
  trx: WriteTransaction,
  plan: Plan<Work>,
  followUp: RegistryFollowUp<Work>,
  startedBy: string,
): Promise<void> {
  refuseProblems(plan);
  const { steps } = plan;
  const created = steps.filter(isNew).flatMap((step) => [step.resource, ...step.features]);
  const updated = steps.filter((step) => step.action === 'UPDATE').flatMap((step) => [step.resource, ...step.features]);
  await writeGone(
    trx,
    steps.flatMap((step) => step.replaced),
    followUp,
  );
  await insertResources(trx, created, plan.after.edges);
  await updateResources(trx, updated);
  const columns = new Map<string, readonly Column[]>();
  for (const source of created.filter(isSource)) columns.set(source.id, await plan.world.columns(source));
  await keepColumns(trx, columns);
  await followUp.start(trx, plan.work, startedBy);
  await announce(trx, 'CREATED', created);
  await announce(trx, 'UPDATED', updated);
}

/** Deletes resources, and ends what still works on them. */
export async function writeGone(
  trx: WriteTransaction,
  going: readonly Resource[],
  followUp: RegistryFollowUp<unknown>,
): Promise<void> {
  if (going.length === 0) return;
  await followUp.forget(trx, going);
  await deleteResources(
    trx,
    going.map(({ id }) => id),
  );
  await announce(trx, 'DELETED', going);
}

function isSource(resource: Resource): resource is ResourceOf<'SOURCE'> {
  return resource.kind === 'SOURCE';
}
