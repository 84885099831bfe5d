import type { Job } from '../src/jobs/job.ts';
import { reach } from '../src/lineage/lineage.ts';
import { type Materialization, materializationsOf } from '../src/materialization/materializations.ts';
import type { Resource, ResourceOf } from '../src/registry/catalog.ts';
import type { RequestContext } from './request-context.ts';

export type ViewJob = Pick<Job, 'id' | 'state' | 'createdAt' | 'finishedAt' | 'error'>;

type FeatureView = ResourceOf<'FEATURE_VIEW'>;

/** Asked once, however many entities of an answer ask for it. */
export function latestMaterialization(context: RequestContext, view: FeatureView): Promise<Materialization | null> {
  return context.together(`materialization ${view.id}`, async () => {
    return (await materializationsOf(context.application.database, view.id, 1))[0] ?? null;
  });
}

export function latestJob(context: RequestContext, view: FeatureView): Promise<ViewJob | null> {
  return context.together(`job ${view.id}`, async () => {
    const { jobs } = context.application;
    const { edges } = await context.told(jobs.list({ filter: { resourceId: view.id }, first: 1 }));
    return edges[0]?.job ?? null;
  });
}

export function upstreamOf(context: RequestContext, { id }: FeatureView): Resource[] {
  const { catalog } = context;
  const view = catalog.byId(id);
  const found = view === undefined ? [] : reach(catalog, view, 'UPSTREAM', undefined, context.left('resources'));
  context.spend('resources', found.length);
  return found;
}
