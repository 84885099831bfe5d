import { z } from 'zod';
import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { RequestColumnInput } from '../on-demand/request-values.ts';
import type { Catalog } from '../registry/catalog.ts';
import { parseReference } from '../registry/reference.ts';
import { type AskedFeature, type FeatureSelection, isComputed, storedFeatures } from '../registry/selection.ts';
import type { KeyColumnInput } from '../serving/key-input.ts';

const column = z.array(z.unknown());

/** The body of `POST /get-online-features`. What Feast takes besides, as `request_context`, is left aside. */
const body = z
  .object({
    features: z.array(z.string()).min(1).optional(),
    feature_service: z.string().min(1).optional(),
    entities: z.record(z.string(), column),
    full_feature_names: z.boolean().nullish(),
  })
  .refine(({ features, feature_service }) => (features === undefined) !== (feature_service === undefined), {
    path: ['features'],
    message: 'must be given, or "feature_service", and not both',
  });

export type FeastRequest = z.output<typeof body>;

/** Fails with INVALID_INPUT and all that is wrong. */
export function readFeastRequest(given: unknown): FeastRequest {
  return readBody(body, given);
}

export function readBody<T>(schema: z.ZodType<T>, given: unknown): T {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }): Issue => ({ path: path.join('.') || 'body', message }));
  throw new Failure('INVALID_INPUT', 'The request is not valid.', { issues });
}

/** Features under the names that Feast gives them: `view__feature` where full names are asked for. */
export function feastSelection(features: readonly string[], request: FeastRequest): FeatureSelection[] {
  if (request.full_feature_names !== true) return features.map((feature) => ({ feature }));
  return features.map((feature) => {
    const { name, feature: own } = parseReference('FEATURE', feature) ?? {};
    return { feature, ...(name !== undefined && { alias: `${name}__${own}` }) };
  });
}

/** What a feature that was served is called. A service's features keep their aliases, which Feast's have not. */
export function feastName(served: AskedFeature, request: FeastRequest): string {
  const { as, role, view, feature } = served;
  const own = feature.definition.name;
  const isAliased = as !== own && as !== `${role}_${own}`;
  if (request.full_feature_names !== true || isAliased) return as;
  const isPlain = isComputed(served) || role === served.entity.name;
  return `${isPlain ? '' : `${role}_`}${view.name}__${own}`;
}

/** A list of keys of the request, and the roles whose join key it is. */
export type FeastKeys = { name: string; columns: KeyColumnInput[] };

/**
 * Which keys the columns of `entities` are: a join key by its name is that of each role which has no column of its own, and
 * `role_key` is that of one role. Columns that no feature needs are left aside, as Feast leaves them.
 */
export function feastKeys(features: readonly AskedFeature[], { entities }: FeastRequest): FeastKeys[] {
  const wanted = new Map<string, { role: string; joinKey: string }>(
    storedFeatures(features).flatMap(({ role, entity }) =>
      entity.definition.joinKeys.map(({ name }) => [`${role}_${name}`, { role, joinKey: name }]),
    ),
  );
  return Object.entries(entities).map(([name, values]) => {
    const own = wanted.get(name);
    const meant =
      own !== undefined
        ? [own]
        : [...wanted]
            .filter(([full, key]) => key.joinKey === name && !Object.hasOwn(entities, full))
            .map(([, key]) => key);
    return { name, columns: meant.map((key) => ({ ...key, values })) };
  });
}

/** Which columns of `entities` are values that on-demand features are computed from, as Feast takes them. */
export function feastRequestValues(
  features: readonly AskedFeature[],
  { entities }: FeastRequest,
): RequestColumnInput[] {
  const wanted = new Set(
    features.filter(isComputed).flatMap(({ view }) => view.definition.request.map(({ name }) => name)),
  );
  return Object.entries(entities).flatMap(([name, values]) => (wanted.has(name) ? { name, values } : []));
}

/** The views that rows for a push source go to: those that name it, as imported ones do, or the one of that name. */
export function viewsOfPushSource(catalog: Catalog, name: string): string[] {
  const naming = catalog.ofKind('FEATURE_VIEW').filter(({ properties }) => properties[pushSourceProperty] === name);
  const latest = new Map(naming.map((view) => [view.name, view.ref]));
  if (latest.size > 0) return [...latest.values()];
  const own = catalog.find('FEATURE_VIEW', name);
  return own === undefined ? [] : [own.ref];
}

/** A property of views that says which of Feast's push sources fed them. */
export const pushSourceProperty = 'feast_push_source';
