import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { type AskedFeature, isComputed, type ResolvedFeature, storedFeatures } from '../registry/selection.ts';
import { type KeyColumnInput, readKeys } from '../serving/key-input.ts';
import { type ServedColumn, type ServedFeatures, serveFeatures } from '../serving/online-serving.ts';
import type { ReadRows } from '../serving/row-reading.ts';
import type { WaitingForValues } from '../values/value-cells.ts';
import { compiledView } from './compiled-view.ts';
import { computedColumn } from './computed-columns.ts';
import { type RequestColumnInput, readRequestValues } from './request-values.ts';

type Asked = {
  features: readonly AskedFeature[];
  keys: readonly KeyColumnInput[];
  request: readonly RequestColumnInput[];
  /** As of when, in microseconds of UTC; now when left out. */
  at?: bigint;
  waiting?: WaitingForValues;
};

/**
 * Features for rows of keys, those among them that are computed on demand with the values of the request. What these are
 * computed from is read once with all that is asked for itself. Fails with INVALID_INPUT where keys or request are wrong.
 */
export async function serveAsked(catalog: Catalog, read: ReadRows, asked: Asked): Promise<ServedFeatures> {
  const { features: stored, placeOf } = distinct(storedFeatures(asked.features));
  const { keys, size } = readKeys(stored, asked.keys);
  const request = readRequestValues(viewsOf(asked.features), asked.request, size);
  const { at, waiting } = asked;
  const as = { ...(at !== undefined && { at }), ...(waiting !== undefined && { waiting }) };
  const served = await serveFeatures(read, { features: stored, keys, size, ...as });
  if (stored.length === asked.features.length && !asked.features.some(isComputed)) return served;
  const columnOf = (one: ResolvedFeature) => served.columns[placeOf(one)] as ServedColumn;
  const columns: ServedColumn[] = [];
  for (const one of asked.features) {
    if (!isComputed(one)) {
      columns.push({ ...columnOf(one), feature: one });
      continue;
    }
    const values = request.get(one.view) ?? [];
    const view = compiledView(catalog, one.view);
    const computed = await computedColumn(view, one.position, one.inputs.map(columnOf), values, size, waiting);
    columns.push({ feature: one, ...computed });
  }
  return { ...served, columns };
}

/** What is asked for twice, itself and as an input, is one. */
function distinct(all: readonly ResolvedFeature[]) {
  const features: ResolvedFeature[] = [];
  const places = new Map<string, Map<string, number>>();
  for (const one of all) {
    const ofRole = places.get(one.role) ?? new Map<string, number>();
    places.set(one.role, ofRole);
    if (!ofRole.has(one.feature.id)) ofRole.set(one.feature.id, features.push(one) - 1);
  }
  return { features, placeOf: ({ role, feature }: ResolvedFeature) => places.get(role)?.get(feature.id) ?? -1 };
}

export function viewsOf(features: readonly AskedFeature[]): Set<ResourceOf<'ON_DEMAND_FEATURE_VIEW'>> {
  return new Set(features.flatMap((one) => (isComputed(one) ? one.view : [])));
}
