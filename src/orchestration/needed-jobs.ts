import type { JobKind, JobRequest } from '../jobs/job.ts';
import type { Catalog, Resource, ResourceOf } from '../registry/catalog.ts';
import { viewOf } from '../registry/feature-holder.ts';
import { needsJob } from '../registry/never-succeeded.ts';
import { isNew, type PlanStep } from '../registry/planning.ts';
import { inputsOf, isStored } from '../registry/relations.ts';

/**
 * A job that a change of the registry calls for. Its key is its resource's id, and it depends on the jobs of the
 * resources whose ids it names, where these are not done.
 */
export type NeededJob = Omit<JobRequest, 'startedBy'> & { key: string; dependsOn: string[] };

const kinds = {
  SOURCE: 'TRANSFORM',
  FEATURE_VIEW: 'MATERIALIZE',
  TRAINING_SET: 'BUILD_TRAINING_SET',
} as const satisfies Record<string, JobKind>;

/** What has to run before everything that the steps create can be used. */
export function neededJobs(steps: readonly PlanStep[], catalog: Catalog): NeededJob[] {
  return steps
    .filter(isNew)
    .flatMap(({ resource }) =>
      resource.definition.kind !== 'FEATURE' && needsJob(resource.definition) ? jobFor(resource, catalog) : [],
    );
}

function jobFor(resource: Resource, catalog: Catalog): NeededJob[] {
  if (!(resource.kind in kinds)) return [];
  const { id, kind, ref } = resource;
  const dependsOn = storedAmong(catalog, sourcesOf(catalog, resource));
  return [
    {
      key: id,
      kind: kinds[kind as keyof typeof kinds],
      resource: { id, kind, ref },
      input: {},
      dependsOn: dependsOn.map((source) => source.id),
    },
  ];
}

/** The sources whose rows a resource is made from, directly. */
export function sourcesOf(catalog: Catalog, resource: Resource): ResourceOf<'SOURCE'>[] {
  const { definition } = resource;
  if (definition.kind === 'SOURCE') return inputsOf(catalog, resource as ResourceOf<'SOURCE'>);
  if (definition.kind === 'FEATURE_VIEW') return found(catalog, [definition.source]);
  if (definition.kind !== 'TRAINING_SET') return [];
  const label = catalog.find('LABEL', definition.label);
  const views = definition.features.flatMap(({ feature }) => storedViewsOf(catalog, feature));
  const references = [label?.definition.source ?? '', ...views.map((view) => view.definition.source)];
  return found(catalog, [...new Set(references)]);
}

/** The views that a feature's values come from: its own, or those of what it is computed from. */
function storedViewsOf(catalog: Catalog, reference: string): ResourceOf<'FEATURE_VIEW'>[] {
  const node = catalog.find('FEATURE', reference);
  const view = node && viewOf(catalog, node.definition);
  if (view?.definition.kind !== 'ON_DEMAND_FEATURE_VIEW')
    return view === undefined ? [] : [view as ResourceOf<'FEATURE_VIEW'>];
  return view.definition.inputs.flatMap(({ feature }) => storedViewsOf(catalog, feature));
}

/** Those of some sources whose rows jobs store, and in the place of a VIEW those that its rows are computed from. */
function storedAmong(catalog: Catalog, sources: readonly ResourceOf<'SOURCE'>[]): ResourceOf<'SOURCE'>[] {
  const found = new Set<ResourceOf<'SOURCE'>>();
  const seen = new Set<ResourceOf<'SOURCE'>>();
  const visit = (one: ResourceOf<'SOURCE'>): void => {
    if (seen.has(one)) return;
    seen.add(one);
    if (isStored(one.definition)) found.add(one);
    else inputsOf(catalog, one).forEach(visit);
  };
  sources.forEach(visit);
  return [...found];
}

/** The stored transformations that sources are built on, themselves included, each after those that it needs. */
export function storedUnder(catalog: Catalog, sources: readonly ResourceOf<'SOURCE'>[]): ResourceOf<'SOURCE'>[] {
  const ordered = new Set<ResourceOf<'SOURCE'>>();
  const visit = (one: ResourceOf<'SOURCE'>): void => {
    if (ordered.has(one)) return;
    for (const input of inputsOf(catalog, one)) visit(input);
    ordered.add(one);
  };
  sources.forEach(visit);
  return [...ordered].filter((one) => isStored(one.definition));
}

function found(catalog: Catalog, references: readonly string[]): ResourceOf<'SOURCE'>[] {
  return references.flatMap((reference) => catalog.find('SOURCE', reference) ?? []);
}
