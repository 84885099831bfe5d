import { Failure, type Issue } from '../providers/contract/failure.ts';
import { forbidden, sensitiveValues } from '../src/access/forbidden.ts';
import { pushFeatures as push } from '../src/materialization/push-features.ts';
import { serveAsked } from '../src/on-demand/asked-serving.ts';
import type { RequestColumnInput } from '../src/on-demand/request-values.ts';
import type { Catalog, Resource } from '../src/registry/catalog.ts';
import { onlineStoreOf } from '../src/registry/online-store.ts';
import { registered } from '../src/registry/registered.ts';
import {
  type AskedFeature,
  type FeatureSelection,
  isComputed,
  resolveSelection,
  storedFeatures,
} from '../src/registry/selection.ts';
import type { KeyColumnInput } from '../src/serving/key-input.ts';
import type { ServedColumn, ServedFeatures } from '../src/serving/online-serving.ts';
import { registeredType } from '../src/serving/view-rows.ts';
import { columnInTurns } from '../src/values/json-in-turns.ts';
import type { Json } from '../src/values/json-value.ts';
import { formatTimestamp } from '../src/values/timestamp.ts';
import type { RequestContext } from './request-context.ts';

export type WrittenSelector = {
  service?: string | null;
  features?: readonly { feature: string; role?: string | null; alias?: string | null; lag?: string | null }[] | null;
};

/** The features that a selector names, as they are written; fields that are null were left out. */
export function writtenFeatures(catalog: Catalog, select: WrittenSelector): FeatureSelection[] {
  if (typeof select.service === 'string')
    return registered(catalog, 'FEATURE_SERVICE', select.service).definition.features;
  return (select.features ?? []).map(({ feature, role, alias, lag }) => ({
    feature,
    ...(typeof role === 'string' && { role }),
    ...(typeof alias === 'string' && { alias }),
    ...(typeof lag === 'string' && { lag }),
  }));
}

/** The features that a request asks for; fails with everything that is wrong with the selection. */
export function selectedFeatures(context: RequestContext, select: WrittenSelector): AskedFeature[] {
  context.demand('SERVE');
  const { servable, everything } = context;
  const written = writtenFeatures(servable, select);
  const issues: Issue[] = [];
  const lasting = written.map(({ lag: _, ...feature }) => feature);
  const features = resolveSelection(typeof select.service === 'string' ? everything : servable, lasting, issues);
  for (const [at, { lag }] of written.entries()) {
    if (lag !== undefined)
      issues.push({ path: `select.features[${at}].lag`, message: 'has no meaning when serving', fix: 'Leave it out.' });
  }
  for (const { view, as } of storedFeatures(features)) {
    if (onlineStoreOf(view.definition) === undefined) {
      issues.push({
        path: 'select',
        message: `${as} is of ${view.ref}, which has no online store`,
        fix: 'Ask for features of views that have one.',
      });
    }
  }
  if (features.length === 0 && issues.length === 0)
    issues.push({ path: 'select.features', message: 'is empty', fix: 'Name a feature.' });
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The features are not valid.', { issues });
  for (const { feature, as } of features) demandServed(context, feature, as);
  return features;
}

/** Fails with FORBIDDEN where who asks may not be served the values of a feature, by the name that it asked for. */
export function demandServed({ rights, everything }: RequestContext, feature: Resource, as: string): void {
  if (rights.allowsValues('SERVE', feature, everything)) return;
  throw rights.allows('SERVE', feature, everything) ? sensitiveValues(`the feature "${as}"`) : forbidden('SERVE');
}

/** What may be asked beside features and keys: values that come with the request, and another instant than now. */
type AskedBesides = { request?: readonly RequestColumnInput[]; at?: bigint | null | undefined };

export async function onlineFeatures(
  context: RequestContext,
  select: WrittenSelector,
  keys: readonly KeyColumnInput[],
  { request = [], at }: AskedBesides = {},
): Promise<ServedFeatures> {
  return serveSelected(context, selectedFeatures(context, select), keys, { request, at });
}

/** The same of features that `selectedFeatures` has looked up, which it lets nobody have that may not be served them. */
export async function serveSelected(
  context: RequestContext,
  features: readonly AskedFeature[],
  keys: readonly KeyColumnInput[],
  { request = [], at }: AskedBesides = {},
): Promise<ServedFeatures> {
  const asked = features.every((one) => !isComputed(one)) ? features : [...features, ...inputsOf(features)];
  const valuesOfRow = asked.reduce((sum, { feature }) => sum + valuesOf(feature.definition.type), 0);
  context.spend('cells', (keys[0]?.values.length ?? 0) * valuesOfRow);
  return serveAsked(context.everything, context.readRows, {
    features,
    keys,
    request,
    waiting: context.waiting,
    ...(typeof at === 'bigint' && { at }),
  });
}

function inputsOf(features: readonly AskedFeature[]): AskedFeature[] {
  return features.flatMap((one) => (isComputed(one) ? one.inputs : []));
}

/** How many values one cell has: of a vector all components. */
function valuesOf(type: string): number {
  const read = registeredType(type);
  return read.kind === 'VECTOR' ? read.dimensions : 1;
}

export function columnValues({ feature, values }: ServedColumn): Json[] | Promise<Json[]> {
  return columnInTurns(registeredType(feature.feature.definition.type), values);
}

export function columnTimestamps({ eventTimestamps }: ServedColumn): (string | null)[] {
  return eventTimestamps.map((instant) => (instant === null ? null : formatTimestamp(instant)));
}

export async function pushFeatures(context: RequestContext, view: string, rows: readonly Record<string, Json>[]) {
  context.demand('PUSH');
  const resource = context.get('FEATURE_VIEW', view);
  context.demandOn('PUSH', resource);
  const { application, actor, everything } = context;
  const pushed = await push(application.stores, everything, resource, rows);
  const entry = { actor, action: 'PUSH', resource: `FEATURE_VIEW ${resource.ref}`, outcome: 'DONE' } as const;
  application.audit.record(entry, { often: true, rows: rows.length });
  return pushed;
}
