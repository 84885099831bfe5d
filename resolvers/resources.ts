import { Failure } from '../providers/contract/failure.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import { brokenWithout, type Direction, lineageOf, reach } from '../src/lineage/lineage.ts';
import type { Catalog, Resource, ResourceStatus } from '../src/registry/catalog.ts';
import type { ResourceKind } from '../src/registry/reference.ts';
import type { ResourceChange, WatchedChange } from '../src/registry/resource-changes.ts';
import type { SearchMatch } from '../src/search/search-index.ts';
import { leftEarly } from '../src/state/left-early.ts';
import { inTurns, isTurnDue, spendSteps, turn } from '../src/turns.ts';
import { type ConnectionArguments, pageOf } from './connections.ts';
import type { RequestContext } from './request-context.ts';

export type ResourceFilter = {
  kinds?: readonly ResourceKind[] | null;
  tags?: readonly string[] | null;
  owner?: string | null;
  statuses?: readonly ResourceStatus[] | null;
};

/** A page of resources of which each says why it was found; without a search there is nothing to say. */
export async function resourcePage(
  context: RequestContext,
  args: ConnectionArguments,
  filter: ResourceFilter,
  search?: string | null,
) {
  const page = pageOf(args, await findResources(context, filter, search));
  const edges = page.edges?.map((edge) => edge && { ...edge, node: edge.node.resource, matches: edge.node.matches });
  return { ...page, edges };
}

/** What it takes to look at one. */
const stepsOfResource = 10;

type FoundResource = { resource: Resource; matches: readonly SearchMatch[] };

/** Resources that pass the filter; with a search text the best match first, otherwise the first registered first. */
async function findResources(
  { application, catalog, everything, lifetime }: RequestContext,
  filter: ResourceFilter,
  search?: string | null,
): Promise<FoundResource[]> {
  const wanted = search?.trim() ?? '';
  const { searchCharacters: most } = application.configuration.limits;
  if (wanted.length > most) {
    const fix = 'Search for a few words.';
    throw limitExceeded({ path: 'search', what: 'characters of search text', found: wanted.length, most, fix });
  }
  if (isTurnDue()) await turn(lifetime);
  spendSteps(stepsOfResource * catalog.resources.length);
  if (wanted === '')
    return catalog.resources.filter((one) => passes(one, filter)).map((resource) => ({ resource, matches: [] }));
  const found = await application.search.search(everything, wanted);
  return found.filter(({ resource }) => catalog.byId(resource.id) !== undefined && passes(resource, filter));
}

function passes(resource: Resource, { kinds, tags, owner, statuses }: ResourceFilter): boolean {
  return (
    (!kinds || kinds.includes(resource.kind)) &&
    (!tags || tags.every((tag) => resource.tags.includes(tag))) &&
    (!isGiven(owner) || resource.owner === owner) &&
    (!statuses || statuses.includes(resource.status))
  );
}

/** An empty text is one. */
function isGiven(text: string | null | undefined): text is string {
  return text !== null && text !== undefined;
}

/** Everything up or down to a depth; a depth below 1 makes no sense. */
export function resourceLineage(
  context: RequestContext,
  resource: Resource,
  direction: Direction,
  depth?: number | null,
) {
  if (depth !== null && depth !== undefined && depth < 1) throw badDepth(depth);
  const { catalog } = context;
  const { nodes, edges } = lineageOf(catalog, resource, direction, depth ?? undefined, context.left('resources'));
  context.spend('resources', nodes.length + edges.length);
  return {
    nodes,
    edges: edges.flatMap(({ from, to }) => {
      const ends = [catalog.byId(from), catalog.byId(to)] as const;
      return ends[0] && ends[1] ? [{ from: ends[0], to: ends[1] }] : [];
    }),
  };
}

export function resourcesWithin(
  context: RequestContext,
  resource: Resource,
  direction: 'UPSTREAM' | 'DOWNSTREAM',
  depth: number,
): readonly (Resource | Promise<Resource>)[] {
  if (depth < 1) throw badDepth(depth);
  return spent(context, reach(context.catalog, resource, direction, depth, context.left('resources')));
}

export function resourcesBroken(
  context: RequestContext,
  resource: Resource,
): readonly (Resource | Promise<Resource>)[] {
  return spent(context, brokenWithout(context.catalog, resource, context.left('resources')));
}

function spent(context: RequestContext, resources: readonly Resource[]): readonly (Resource | Promise<Resource>)[] {
  context.spend('resources', resources.length);
  return inTurns(resources);
}

function badDepth(depth: number): Failure {
  return new Failure('INVALID_INPUT', 'A depth is at least 1.', {
    issues: [{ path: 'depth', message: `is ${depth}`, fix: 'Give 1 or more, or leave it out.' }],
  });
}

export type ResourceChangeEvent = ResourceChange & { resource: Resource | undefined };

/** Every change from now on that the filter lets through, from whichever process; a deletion by kind alone. */
export function resourceChanges(context: RequestContext, filter: ResourceFilter): AsyncGenerator<ResourceChangeEvent> {
  const changes = context.application.registry.changes();
  return leftEarly(passing(context, changes, filter), () => void changes.return?.());
}

/** Of what is gone only its kind and reference are known: these must be enough for a grant to match. */
function mayBeTold(
  { rights }: RequestContext,
  { kind, ref }: ResourceChange,
  resource: Resource | undefined,
  after: Catalog,
): boolean {
  if (rights.holdsForAll('VIEW')) return true;
  if (resource !== undefined) return rights.allows('VIEW', resource, after);
  const name = ref.replace(/@[^:]*/, '');
  return rights.allowsWritten('VIEW', { kind, ref, name, tags: [], owner: null });
}

async function* passing(
  context: RequestContext,
  changes: AsyncIterable<WatchedChange>,
  filter: ResourceFilter,
): AsyncGenerator<ResourceChangeEvent> {
  for await (const change of changes) {
    if (filter.kinds && !filter.kinds.includes(change.kind)) continue;
    const after = await change.after();
    const resource = after.byId(change.id);
    if (!mayBeTold(context, change, resource, after)) continue;
    if (resource === undefined && (filter.tags || isGiven(filter.owner) || filter.statuses)) continue;
    if (resource === undefined || passes(resource, filter)) yield { ...change, resource };
  }
}
