import { Failure } from '../providers/contract/failure.ts';
import { type AskedFeature, isComputed, type ResolvedFeature, storedFeatures } from '../src/registry/selection.ts';
import { type RoleKeys, serveFeatures } from '../src/serving/online-serving.ts';
import { registeredType } from '../src/serving/view-rows.ts';
import { type Json, toJson } from '../src/values/json-value.ts';
import { type NearestAnswer, type NearestRequest, type Neighbor, unknownFeature } from '../src/vectors/nearest.ts';
import { featuresOfFilter } from '../src/vectors/vector-filter-input.ts';
import type { RequestContext } from './request-context.ts';
import { demandServed, selectedFeatures, type WrittenSelector } from './serving.ts';

export type FoundNeighbor = Neighbor & { entity: NearestAnswer['entity'] };

/** Nearest first. All searches of a request leave together. */
export async function nearest(context: RequestContext, request: NearestRequest): Promise<FoundNeighbor[]> {
  context.demand('SERVE');
  demandNearest(context, request);
  const { entity, neighbors } = await context.nearest.load(request);
  return neighbors.map((neighbor) => ({ ...neighbor, entity }));
}

/** Who searches learns of values: of the embedding, and of the features that the neighbours are held to. */
export function demandNearest(context: RequestContext, { feature: reference, filter }: NearestRequest): void {
  const { servable } = context;
  const feature = servable.find('FEATURE', reference);
  if (feature === undefined) throw unknownFeature(servable, reference);
  demandServed(context, feature, feature.name);
  for (const name of featuresOfFilter(filter)) {
    const compared = context.everything.find('FEATURE', `${feature.definition.view}:${name}`);
    if (compared !== undefined) demandServed(context, compared, name);
  }
}

export function neighborKeys({ entity, key }: FoundNeighbor): { joinKey: string; type: string; value: Json }[] {
  return entity.definition.joinKeys.map(({ name, type }, at) => ({
    joinKey: name,
    type,
    value: toJson(registeredType(type), key[at] ?? null),
  }));
}

/** Features of one neighbour. The reads of all neighbours leave as one. */
export async function neighborFeatures(
  context: RequestContext,
  { entity, key }: FoundNeighbor,
  select: WrittenSelector,
) {
  const asked = selectedFeatures(context, select);
  refuseComputed(asked);
  const features = storedFeatures(asked);
  refuseOthers(features, entity);
  context.spend('cells', features.length);
  const keys: RoleKeys = new Map(features.map(({ role }) => [role, [key]]));
  const { columns } = await serveFeatures(context.readRows, { features, keys, size: 1, waiting: context.waiting });
  return columns.map((column) => ({
    name: column.feature.as,
    feature: column.feature.feature,
    value: toJson(registeredType(column.feature.feature.definition.type), column.values[0] ?? null),
    status: column.statuses[0] ?? 'ERROR',
    eventTimestamp: column.eventTimestamps[0] ?? null,
  }));
}

/** Each neighbour would need values of the request of its own. */
function refuseComputed(asked: readonly AskedFeature[]): void {
  const computed = asked.filter(isComputed);
  if (computed.length === 0) return;
  const fix = 'Ask for them with onlineFeatures, for the keys of the neighbours.';
  throw new Failure('INVALID_INPUT', 'Features that are computed on demand are not those of a neighbour.', {
    issues: computed.map(({ as }) => ({ path: 'select', message: `${as} is computed on demand`, fix })),
  });
}

function refuseOthers(features: readonly ResolvedFeature[], entity: NearestAnswer['entity']): void {
  const others = features.filter((feature) => feature.entity.ref !== entity.ref);
  if (others.length === 0) return;
  throw new Failure('INVALID_INPUT', `Neighbours are of ${entity.ref}, and so must their features be.`, {
    issues: others.map(({ feature, entity: own }) => ({
      path: 'select',
      message: `${feature.ref} is of ${own.ref}`,
      fix: 'Leave it out.',
    })),
  });
}
