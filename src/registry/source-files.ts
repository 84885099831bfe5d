import { Failure } from '../../providers/contract/failure.ts';
import { Catalog, type Resource, type ResourceOf } from './catalog.ts';
import type { KnownColumns } from './checks/known-columns.ts';
import type { FilesDefinition } from './definitions/definition.ts';
import { decidedDefinition, filesRelation } from './files-relation.ts';
import { type Draught, isNew, type PlanStep } from './planning.ts';
import { providerOf } from './relations.ts';

/** A plan in which new sources of files say their columns, and why those can't be read that can't. */
export type DecidedDraught = Draught & { unreadable: ReadonlyMap<string, Failure> };

/** Lets the stores decide the columns and layout of every new source of files, from all that is in them. */
export async function decideFiles({ steps, after, notes }: Draught, stores: KnownColumns): Promise<DecidedDraught> {
  const decided = new Map<string, Resource>();
  const unreadable = new Map<string, Failure>();
  for (const step of steps) {
    const { resource } = step;
    if (!isNew(step) || !isReadable(resource)) continue;
    try {
      decided.set(resource.id, await decideSource(resource, after, stores));
    } catch (error) {
      if (!(error instanceof Failure) || error.retryable) throw error;
      unreadable.set(resource.ref, error);
    }
  }
  if (decided.size === 0) return { steps, after, notes, unreadable };
  const now = (resource: Resource) => decided.get(resource.id) ?? resource;
  const resources = after.resources.map(now);
  return {
    steps: steps.map((step): PlanStep => ({ ...step, resource: now(step.resource) })),
    after: new Catalog(resources, after.edges),
    notes,
    unreadable,
  };
}

/** That no format or provider could be told has been reported. */
function isReadable(resource: Resource): resource is ResourceOf<'SOURCE'> {
  const { definition } = resource;
  return definition.kind === 'SOURCE' && definition.files?.format !== undefined && definition.provider !== undefined;
}

async function decideSource(source: ResourceOf<'SOURCE'>, catalog: Catalog, stores: KnownColumns): Promise<Resource> {
  const { definition } = source;
  const files = definition.files as FilesDefinition;
  const decided = await stores.decided(filesRelation(files), providerOf(catalog, source));
  return { ...source, definition: { ...definition, files: decidedDefinition(files, decided) } };
}
