import { Failure, type Issue } from '../providers/contract/failure.ts';
import type { Scalar, Value } from '../providers/contract/value-type.ts';
import { forbidden } from '../src/access/forbidden.ts';
import { entityChanges } from '../src/entity-graph/entity-changes.ts';
import {
  type EntityNode,
  preparedRow,
  preparedValues,
  presentValue,
  readEntities,
  type ServedRow,
  servedRow,
  servedValue,
} from '../src/entity-graph/entity-rows.ts';
import type { EntityType, ViewType, ViewVariant } from '../src/entity-graph/entity-types.ts';
import { readFormedKey } from '../src/entity-graph/key-form.ts';
import { featureFieldName } from '../src/registry/naming.ts';
import type { ValueStatus } from '../src/serving/stored-value.ts';
import { registeredType } from '../src/serving/view-rows.ts';
import { type Json, toJson } from '../src/values/json-value.ts';
import type { VectorFilterInput } from '../src/vectors/vector-filter-input.ts';
import { hasWindows } from '../src/windows/view-windows.ts';
import { inTurn } from './in-turn.ts';
import type { RequestContext } from './request-context.ts';
import { spendMaps, spentMap } from './spent-maps.ts';
import { demandNearest } from './vectors.ts';

/** A view of an entity, as its fields are answered from. */
export type ViewNode = ServedRow & {
  entity: EntityNode;
  type: ViewType;
  /** The places of features that who asks may not be served. */
  withheld: ReadonlySet<number>;
};

const none: ReadonlySet<number> = new Set();

/** Entities with the wanted views, as of an instant where one is given. Those of one moment are read together. */
export async function entitiesByKey(
  context: RequestContext,
  type: EntityType,
  keys: readonly (readonly Scalar[])[],
  wanted: readonly ViewVariant[],
  at?: bigint | null,
): Promise<EntityNode[]> {
  context.demand('SERVE');
  const nodes = await readEntities(context.readRows, type, keys, servedVariants(context, type, wanted));
  if (typeof at === 'bigint') for (const node of nodes) node.at = at;
  return nodes;
}

/** The views of which who asks is served a feature at least, or what is computed of one: the others are not even read. */
function servedVariants(
  context: RequestContext,
  type: EntityType,
  wanted: readonly ViewVariant[],
): readonly ViewVariant[] {
  if (context.rights.servesAll) return wanted;
  const computed = type.onDemand.flatMap(({ variants }) => [...variants.values()]);
  const served = computed.filter(({ view }) => context.rights.withheld(view, context.everything) !== 'ALL');
  const below = new Set(served.flatMap(({ inputs }) => inputs.map(({ view }) => view.id)));
  return wanted.filter(({ view }) => below.has(view.id) || withheldFeatures(context, view) !== 'ALL');
}

/** The places of the features that who asks may not be served, or ALL of them. */
function withheldFeatures(
  { rights, everything }: RequestContext,
  view: ViewVariant['view'],
): ReadonlySet<number> | 'ALL' {
  return rights.withheld(view, everything);
}

/** The least that a subscription may ask for between two values of one entity. */
const shortestIntervalMs = 50;

/** Entities as they are now, and again whenever their wanted views have changed. */
export function changedEntities(
  context: RequestContext,
  type: EntityType,
  keys: readonly (readonly Scalar[])[],
  wanted: readonly ViewVariant[],
  minimumIntervalMs: number,
): AsyncGenerator<EntityNode> {
  context.demand('SERVE');
  const { readRows, application } = context;
  if (minimumIntervalMs < shortestIntervalMs) {
    const fix = `Give ${shortestIntervalMs} or more.`;
    throw new Failure('INVALID_INPUT', 'The interval is too short.', {
      issues: [{ path: 'minimumIntervalMs', message: `is ${minimumIntervalMs}`, fix }],
    });
  }
  const served = servedVariants(context, type, wanted);
  return entityChanges(application.valueChanges, readRows, { type, keys, wanted: served, minimumIntervalMs });
}

/** The variant that an argument names, or the latest. */
export function variantOf(type: ViewType, name: string | null | undefined): ViewVariant {
  const variant = name === undefined || name === null ? type.latest : type.variants.get(name);
  if (variant !== undefined) return variant;
  const fix = `There are ${[...type.variants.keys()].join(', ')}.`;
  throw new Failure('INVALID_INPUT', `${type.latest.view.name} has no variant "${name}" that is served.`, {
    issues: [{ path: 'variant', message: 'is not registered', fix }],
  });
}

/** Fails as the store did that the row was read from, and with FORBIDDEN where none of its features may be served. */
export function viewNode(
  context: RequestContext,
  entity: EntityNode,
  type: ViewType,
  variant: ViewVariant,
): ViewNode | Promise<ViewNode> {
  const { view } = variant;
  const withheld = context.rights.servesAll ? none : withheldFeatures(context, view);
  if (withheld === 'ALL') throw forbidden('SERVE');
  const now = BigInt(Date.now()) * 1_000n;
  const node = () => ({ ...servedRow(variant, entity.rows.get(view.id), now, entity.at), entity, type, withheld });
  if (!hasWindows(view.definition)) return node();
  return inTurn(context, node, (waiting) => preparedRow(variant, entity.rows.get(view.id), waiting));
}

/** Null where there is none to serve, and in variants that have no such feature. */
export function featureValue(context: RequestContext, node: ViewNode, field: string): Value | Promise<Value> {
  const position = node.variant.positions.get(field);
  if (position === undefined) return absentValue(node.variant, field);
  if (node.withheld.has(position)) throw forbidden('SERVE');
  if (node.windows === undefined) return spentMap(context, presentValue(node, position));
  const value = () => spentMap(context, servedValue(node, position).value);
  return inTurn(context, value, (waiting) => preparedValues(node, [position], waiting));
}

function absentValue({ mistyped, view }: ViewVariant, field: string): null {
  if (!mistyped.has(field)) return null;
  const message = `"${field}" has another type in ${view.ref} than in the latest variant. Ask for it in "_features".`;
  throw new Failure('UNSUPPORTED', message);
}

/** A feature as it is stored: its registered name, its exact value in JSON, and what that is. */
export type StoredFeature = { name: string; ref: string; value: Json; status: ValueStatus };

/** Those named, or all that may be served. Names are the registered ones or their fields. */
export function storedFeatures(
  context: RequestContext,
  node: ViewNode,
  names: readonly string[] | null | undefined,
): (StoredFeature | Promise<StoredFeature>)[] {
  const { view } = node.variant;
  const { features } = view.definition;
  const issues: Issue[] = [];
  const wanted = (names ?? features.map(({ name }) => name)).flatMap((name, at) => {
    const named = features.findIndex((feature) => feature.name === name);
    const position = named < 0 ? features.findIndex((feature) => featureFieldName(feature) === name) : named;
    if (position >= 0 && node.withheld.has(position)) {
      if (names) throw forbidden('SERVE');
      return [];
    }
    if (position >= 0) return [position];
    issues.push({ path: `names[${at}]`, message: `"${name}" is no feature of ${view.ref}` });
    return [];
  });
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The names are not valid.', { issues });
  return wanted.flatMap((position) => {
    const feature = features[position];
    if (feature === undefined) return [];
    const read = (): StoredFeature => {
      const { value, status } = servedValue(node, position);
      spendMaps(context, [value]);
      const json = toJson(registeredType(feature.type), value);
      return { name: feature.name, ref: `${view.ref}:${feature.name}`, value: json, status };
    };
    if (node.windows === undefined) return [read()];
    return [inTurn(context, read, (waiting) => preparedValues(node, [position], waiting))];
  });
}

export type NearestArguments = { feature?: string | null; k: number; filter?: VectorFilterInput | null };

/** A neighbour, and the entity that it is. */
export type NeighborNode = { score: number; type: EntityType; key: readonly Scalar[] };

/** The entities nearest to a view's own embedding, the nearest first; null where it has none. */
export async function nearestEntities(
  context: RequestContext,
  node: ViewNode,
  { feature, k, filter }: NearestArguments & { feature: string },
): Promise<NeighborNode[] | null> {
  const vector = await featureValue(context, node, feature);
  const name = node.variant.view.definition.features[node.variant.positions.get(feature) ?? -1]?.name;
  if (!(vector instanceof Float32Array) || name === undefined) return null;
  const request = {
    feature: `${node.variant.view.ref}:${name}`,
    to: { own: { vector, key: node.entity.encoded } },
    k,
    ...(filter && { filter }),
  };
  demandNearest(context, request);
  const { neighbors } = await context.nearest.load(request);
  return neighbors.map(({ score, key }) => ({ score, type: node.entity.type, key }));
}

/** An entity of a gateway's batch: its key by whichever of its key fields are given. */
export type Representation = Readonly<Record<string, unknown>>;

/** A key field may be called as something that every object has. */
function isGiven(representation: Representation, name: string): boolean {
  return Object.hasOwn(representation, name) && representation[name] !== undefined && representation[name] !== null;
}

export function representedKey(type: EntityType, representation: Representation): Scalar[] | Failure {
  const issues: Issue[] = [];
  const key = type.keys.flatMap(({ fields, type: keyType }): Scalar[] => {
    const given = fields.find(({ name }) => isGiven(representation, name));
    if (given === undefined) {
      issues.push({ path: `representations.${fields[0]?.name}`, message: 'is missing' });
      return [];
    }
    const read = readFormedKey(given.form, keyType, representation[given.name]);
    if ('value' in read) return [read.value];
    issues.push({ path: `representations.${given.name}`, message: `${read.problem} (${keyType})` });
    return [];
  });
  return issues.length === 0 ? key : new Failure('INVALID_INPUT', `This is no key of ${type.name}.`, { issues });
}
