import type { JobSnapshot } from '../jobs/job-row.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { embeddingsOf } from '../materialization/embedding-writer.ts';
import type { Catalog, Resource, ResourceOf, ResourceStatus } from '../registry/catalog.ts';
import type { RegistryFollowUp } from '../registry/follow-up.ts';
import { needsJob } from '../registry/never-succeeded.ts';
import { onlineStoreOf } from '../registry/online-store.ts';
import { isStored, providerOf } from '../registry/relations.ts';
import { viewAddress } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { type NeededJob, neededJobs } from './needed-jobs.ts';

export type FollowUpLogger = { warn(fields: object, message: string): void };

/** The jobs that registering starts, and what deleting ends and removes. */
export function registryFollowUp(
  jobs: () => Jobs,
  stores: StorePool,
  logger: FollowUpLogger,
): RegistryFollowUp<NeededJob> {
  return {
    needed: neededJobs,
    start: async (trx, work, startedBy) => {
      const unfinished = await jobs().unfinishedOf(
        work.flatMap((job) => job.dependsOn),
        trx,
      );
      const keys = new Set(work.map((job) => job.key));
      const requests = work.map((job) => ({
        ...job,
        startedBy,
        dependsOn: job.dependsOn.flatMap((id) => (keys.has(id) ? [id] : (unfinished.get(id) ?? []))),
      }));
      await jobs().submit(requests, trx);
    },
    succeeded: (ids, trx) => jobs().succeededOf(ids, trx),
    forget: async (trx, resources) => {
      const ids = resources.map((resource) => resource.id);
      await jobs().cancelOf(ids, `${resources.at(-1)?.ref} is being deleted`, trx);
    },
    cleanUp: async (resources, before) => {
      for (const resource of resources) {
        try {
          await removeData(stores, before, resource);
        } catch (error) {
          logger.warn({ error, ref: resource.ref }, 'the data of a deleted resource could not be removed');
        }
      }
    },
  };
}

/** What a job's state says of its resource; nothing where that is ready without any job. */
export function statusFollowing(
  job: Pick<JobSnapshot, 'kind' | 'state' | 'error' | 'reason'>,
  resource: Resource | undefined,
): [ResourceStatus, string | null] | undefined {
  if (job.kind === 'RETRIEVE' || (resource !== undefined && !needsJob(resource.definition))) return undefined;
  switch (job.state) {
    case 'PENDING':
      return ['PENDING', job.error?.message ?? null];
    case 'RUNNING':
      return ['RUNNING', null];
    case 'SUCCEEDED':
      return ['READY', null];
    case 'FAILED':
      return ['FAILED', job.error?.message ?? null];
    case 'CANCELLED':
      return ['FAILED', job.reason];
  }
}

async function removeData(stores: StorePool, catalog: Catalog, resource: Resource): Promise<void> {
  if (resource.definition.kind === 'SOURCE' && isStored(resource.definition)) {
    const provider = providerOf(catalog, resource as ResourceOf<'SOURCE'>);
    await (await stores.offline(provider.definition, provider.ref)).dropTransformed(resource.ref);
  }
  if (resource.definition.kind === 'FEATURE_VIEW')
    await removeRows(stores, catalog, resource as ResourceOf<'FEATURE_VIEW'>);
}

async function removeRows(stores: StorePool, catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>): Promise<void> {
  const entity = catalog.find('ENTITY', view.definition.entity);
  const online = catalog.find('PROVIDER', onlineStoreOf(view.definition) ?? '');
  const vectors = catalog.find('PROVIDER', view.definition.vectorStore ?? '');
  if (entity !== undefined && online !== undefined) {
    await (await stores.online(online.definition, online.ref)).drop(viewAddress(entity, view));
  }
  if (vectors === undefined) return;
  const store = await stores.vectors(vectors.definition, vectors.ref);
  for (const { index } of embeddingsOf(catalog, view)) await store.drop(index.id);
}
