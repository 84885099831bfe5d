import { Failure, type Issue } from '../../providers/contract/failure.ts';
import { explainMissing } from './available-names.ts';
import type { Catalog, ResourceOf } from './catalog.ts';
import type { SelectedFeature } from './definitions/definition.ts';
import { readDuration } from './duration.ts';
import { type ComputedFeature, computedFeature } from './on-demand/computed-feature.ts';

/** An entity in the part that it plays; its join keys in the entity's order, each with the column that holds it. */
export type EntityRole = {
  role: string;
  entity: ResourceOf<'ENTITY'>;
  keys: { joinKey: string; column: string }[];
};

/** A feature that was asked for, with everything that its reference stands for. `lag` is in microseconds. */
export type ResolvedFeature = {
  feature: ResourceOf<'FEATURE'>;
  view: ResourceOf<'FEATURE_VIEW'>;
  entity: ResourceOf<'ENTITY'>;
  /** Its place among the features asked for. */
  at: number;
  /** Its place among the view's features. */
  position: number;
  role: string;
  /** Its name in the answer: the alias, or the feature's name, after the role where one was given. */
  as: string;
  lag: bigint;
};

/** A feature that was asked for: one that is stored, or one that is computed of such when it is asked for. */
export type AskedFeature = ResolvedFeature | ComputedFeature<ResolvedFeature>;

export type FeatureSelection = Pick<SelectedFeature, 'feature' | 'role' | 'alias' | 'lag'>;

/** What the column of a training set's split is called. */
export const splitColumn = 'split';

/** Roles of a label's rows, in the order of their registration. */
export function labelRoles(catalog: Catalog, label: ResourceOf<'LABEL'>): EntityRole[] {
  return label.definition.entities.flatMap(({ entity: reference, role, joinKeys }) => {
    const entity = catalog.find('ENTITY', reference);
    if (entity === undefined) return [];
    return [{ role: role ?? entity.name, entity, keys: keyColumns(entity, joinKeys) }];
  });
}

/** What a training set has of a label's rows before the value, in this order: keys, timestamp, and what the label keeps. */
export function labelColumns(catalog: Catalog, label: ResourceOf<'LABEL'>): string[] {
  const { timestamp, columns } = label.definition;
  const keys = labelRoles(catalog, label).flatMap((role) => role.keys.map(({ column }) => column));
  return [...new Set([...keys, ...(timestamp === undefined ? [] : [timestamp]), ...columns])];
}

/** The column of each join key, in the entity's order; by default it has the key's name. */
export function keyColumns(
  entity: ResourceOf<'ENTITY'>,
  mapping: readonly { joinKey: string; column: string }[],
): { joinKey: string; column: string }[] {
  return entity.definition.joinKeys.map(({ name }) => ({
    joinKey: name,
    column: mapping.find((one) => one.joinKey === name)?.column ?? name,
  }));
}

/**
 * Looks up the features that were asked for. With `roles` (a label's) each feature's role must be one of them and
 * be played by its view's entity; a feature without a role takes the one that its entity plays. Without `roles`
 * (serving) a role is the asker's to name, the entity's name by default, and one entity's. Everything wrong is reported.
 */
export function resolveSelection(
  catalog: Catalog,
  selected: readonly FeatureSelection[],
  issues: Issue[],
  roles?: readonly EntityRole[],
): AskedFeature[] {
  const asked = selected.flatMap((one, at): AskedFeature | readonly AskedFeature[] => {
    for (const field of ['role', 'alias'] as const) {
      if (one[field] === '')
        issues.push({ path: `features[${at}].${field}`, message: 'is empty', fix: 'Give a name, or leave it out.' });
    }
    const feature = catalog.find('FEATURE', one.feature);
    const look = (own: FeatureSelection) => resolveStored(catalog, own, at, issues, roles);
    if (feature?.definition.expression === undefined) return look(one) ?? [];
    return computedFeature(catalog, feature, one, at, issues, look) ?? [];
  });
  refuseEqualNames(asked, selected, issues);
  if (roles === undefined) refuseSharedRoles(storedFeatures(asked), issues);
  return asked;
}

/** What has to be read for features that were asked for: themselves, and the inputs of those that are computed. */
export function storedFeatures(asked: readonly AskedFeature[]): ResolvedFeature[] {
  return asked.flatMap((one) => (isComputed(one) ? one.inputs : one));
}

export function isComputed(asked: AskedFeature): asked is ComputedFeature<ResolvedFeature> {
  return 'inputs' in asked;
}

function resolveStored(
  catalog: Catalog,
  { feature, role: wanted, alias, lag }: FeatureSelection,
  at: number,
  issues: Issue[],
  roles?: readonly EntityRole[],
): ResolvedFeature | undefined {
  const path = `features[${at}]`;
  const found = lookUp(catalog, feature);
  if (found === undefined) {
    issues.push({ path: `${path}.feature`, ...explainMissing(catalog, 'FEATURE', feature) });
    return undefined;
  }
  const { entity } = found;
  const role = roles === undefined ? (wanted ?? entity.name) : matchRole(wanted, entity, roles, path, issues);
  if (role === undefined) return undefined;
  const own = found.feature.definition.name;
  const as = alias ?? (wanted === undefined ? own : `${wanted}_${own}`);
  return { ...found, at, role, as, lag: readLag(lag, path, issues) };
}

function refuseEqualNames(
  resolved: readonly AskedFeature[],
  selected: readonly FeatureSelection[],
  issues: Issue[],
): void {
  const names = new Map<string, string | undefined>();
  for (const { as, at } of resolved) {
    const [other, own] = [names.get(as), selected[at]?.feature];
    names.set(as, own);
    if (other === undefined) continue;
    issues.push({
      path: `features[${at}]`,
      message: `"${other}" and "${own}" would both be called "${as}".`,
      fix: 'Give one of them an alias or a role.',
    });
  }
}

/** The keys that are given for a role are those of one entity. */
function refuseSharedRoles(resolved: readonly ResolvedFeature[], issues: Issue[]): void {
  const players = new Map<string, ResolvedFeature['entity']>();
  for (const { role, entity, at } of resolved) {
    const first = players.get(role) ?? entity;
    players.set(role, first);
    if (first.ref === entity.ref) continue;
    issues.push({
      path: `features[${at}].role`,
      message: `The role "${role}" would be both ${first.ref} and ${entity.ref}.`,
      fix: 'Name two roles.',
    });
  }
}

function readLag(written: string | undefined, path: string, issues: Issue[]): bigint {
  if (written === undefined) return 0n;
  const read = readDuration(written);
  if ('microseconds' in read) return read.microseconds;
  issues.push({ path: `${path}.lag`, ...read });
  return 0n;
}

/** `resolveSelection` for what is already registered or must be right: fails with INVALID_INPUT otherwise. */
export function requireSelection(
  catalog: Catalog,
  selected: readonly FeatureSelection[],
  roles?: readonly EntityRole[],
): AskedFeature[] {
  const issues: Issue[] = [];
  const resolved = resolveSelection(catalog, selected, issues, roles);
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The selection of features is not valid.', { issues });
  return resolved;
}

function lookUp(
  catalog: Catalog,
  reference: string,
): Pick<ResolvedFeature, 'feature' | 'view' | 'entity' | 'position'> | undefined {
  const feature = catalog.find('FEATURE', reference);
  const view = feature && catalog.find('FEATURE_VIEW', feature.definition.view);
  const entity = view && catalog.find('ENTITY', view.definition.entity);
  if (feature === undefined || view === undefined || entity === undefined) return undefined;
  const position = view.definition.features.findIndex((one) => one.name === feature.definition.name);
  return { feature, view, entity, position };
}

function matchRole(
  asked: string | undefined,
  entity: ResourceOf<'ENTITY'>,
  roles: readonly EntityRole[],
  path: string,
  issues: Issue[],
): string | undefined {
  const playable = [...new Set(roles.filter((one) => one.entity.ref === entity.ref).map((one) => one.role))];
  const role =
    asked ?? (playable.includes(entity.name) ? entity.name : playable.length === 1 ? playable[0] : undefined);
  if (role !== undefined && playable.includes(role)) return role;
  const has = roles.map((one) => `${one.role} (${one.entity.ref})`).join(', ');
  const message =
    asked === undefined
      ? `It isn't clear in which role ${entity.ref} is meant.`
      : `${entity.ref} does not play the role "${asked}".`;
  issues.push({ path: `${path}.role`, message, fix: `The roles are: ${has}.` });
  return undefined;
}
