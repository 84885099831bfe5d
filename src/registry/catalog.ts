import { isDeepStrictEqual } from 'node:util';
import type { Definition, DefinitionKind, DefinitionOf } from './definitions/definition.ts';
import type { FeatureNode } from './definitions/feature-view.ts';
import { formatReference, parseReference, type ResourceKind } from './reference.ts';

export const resourceStatuses = ['PENDING', 'RUNNING', 'READY', 'FAILED'] as const;
/**
 * Whether a resource can be used: READY; PENDING until its first job has run; RUNNING while one does; FAILED when
 * the last one failed (what was there before it still serves).
 */
export type ResourceStatus = (typeof resourceStatuses)[number];

type Described = {
  description: string;
  owner: string | null;
  tags: readonly string[];
  properties: Readonly<Record<string, string>>;
};

/** A registered resource. `ref` is its pinned reference; `sequence` grows with each registration. */
export type Resource<D = Definition | FeatureNode> = Described & {
  id: string;
  kind: ResourceKind;
  name: string;
  variant: string;
  ref: string;
  definition: D;
  status: ResourceStatus;
  statusMessage: string | null;
  createdAt: Date;
  updatedAt: Date;
  sequence: number;
};

export type ResourceOf<K extends ResourceKind> = Resource<
  K extends 'FEATURE' ? FeatureNode : K extends DefinitionKind ? DefinitionOf<K> : never
> & { kind: K };

/** `from` is upstream of `to`: `to` was built on it. */
export type Edge = { from: string; to: string };

/** What follows from references alone: ids by reference, and neighbours by id. */
type CatalogIndex = {
  byReference: ReadonlyMap<string, string>;
  latest: ReadonlyMap<string, string>;
  upstream: ReadonlyMap<string, string[]>;
  downstream: ReadonlyMap<string, string[]>;
};

/** What a catalog takes over from the one that it renews. */
type CatalogIndexes = { byId: ReadonlyMap<string, Resource>; index: CatalogIndex };

/**
 * All that is registered, at one moment, in memory: 10,000 features are a few megabytes, and every question that
 * serving, planning and lineage ask is a look-up. Immutable; a change makes a new one.
 */
export class Catalog {
  /** The first registered first. */
  readonly resources: readonly Resource[];
  readonly edges: readonly Edge[];
  readonly #byId: ReadonlyMap<string, Resource>;
  readonly #index: CatalogIndex;

  constructor(resources: readonly Resource[], edges: readonly Edge[], indexes?: CatalogIndexes) {
    this.edges = edges;
    this.resources = indexes ? resources : resources.toSorted(bySequence);
    this.#byId = indexes?.byId ?? new Map(this.resources.map((resource) => [resource.id, resource]));
    this.#index = indexes?.index ?? indexOf(this.resources, edges);
  }

  /** With newer states of some of its resources. What a resource is and refers to never changes, so neither do edges. */
  renewed(newer: ReadonlyMap<string, Resource>): Catalog {
    const resources = this.resources.map((resource) => newer.get(resource.id) ?? resource);
    const byId = new Map(this.#byId);
    for (const [id, resource] of newer) byId.set(id, resource);
    return new Catalog(resources, this.edges, { byId, index: this.#index });
  }

  /** Some of its resources, and the edges between these. Takes the time of the part, not of the whole. */
  part(ids: ReadonlySet<string>): Catalog {
    const resources = [...ids].flatMap((id) => this.#byId.get(id) ?? []).toSorted(bySequence);
    const edges = resources
      .flatMap(({ id }) => (this.#index.upstream.get(id) ?? []).map((from) => ({ from, to: id })))
      .filter(({ from }) => ids.has(from));
    return new Catalog(resources, edges);
  }

  byId(id: string): Resource | undefined {
    return this.#byId.get(id);
  }

  /** By a pinned reference, or the latest variant by an unpinned one. */
  find<K extends ResourceKind>(kind: K, reference: string): ResourceOf<K> | undefined {
    const parsed = parseReference(kind, reference);
    if (parsed === undefined) return undefined;
    const index = parsed.variant === undefined ? this.#index.latest : this.#index.byReference;
    const id = index.get(keyOf(kind, formatReference(parsed)));
    return id === undefined ? undefined : (this.#byId.get(id) as ResourceOf<K> | undefined);
  }

  ofKind<K extends ResourceKind>(kind: K): ResourceOf<K>[] {
    return this.resources.filter((resource): resource is ResourceOf<K> => resource.kind === kind);
  }

  /** What a resource was directly built on. */
  upstream(id: string): Resource[] {
    return this.#neighbours(this.#index.upstream, id);
  }

  /** What was directly built on it. */
  downstream(id: string): Resource[] {
    return this.#neighbours(this.#index.downstream, id);
  }

  #neighbours(edges: ReadonlyMap<string, string[]>, id: string): Resource[] {
    return (edges.get(id) ?? []).flatMap((neighbour) => this.#byId.get(neighbour) ?? []);
  }
}

function bySequence(one: Resource, other: Resource): number {
  return one.sequence - other.sequence;
}

function indexOf(resources: readonly Resource[], edges: readonly Edge[]): CatalogIndex {
  const [byReference, latest] = [new Map<string, string>(), new Map<string, string>()];
  const [upstream, downstream] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const resource of resources) {
    const { pinned, unpinned } = keysOf(resource);
    byReference.set(pinned, resource.id);
    latest.set(unpinned, resource.id);
  }
  for (const { from, to } of edges) {
    append(upstream, to, from);
    append(downstream, from, to);
  }
  return { byReference, latest, upstream, downstream };
}

const knownKeys = new WeakMap<Resource, { pinned: string; unpinned: string }>();

/** Worked out once per resource: catalogs come and go. */
function keysOf(resource: Resource): { pinned: string; unpinned: string } {
  const known = knownKeys.get(resource);
  if (known !== undefined) return known;
  const keys = {
    pinned: keyOf(resource.kind, resource.ref),
    unpinned: keyOf(resource.kind, withoutVariant(resource)),
  };
  knownKeys.set(resource, keys);
  return keys;
}

/** Whether two catalogs have the same resources with the same definitions, whatever their status. */
export function sameDefinitions(one: Catalog, other: Catalog): boolean {
  if (one === other) return true;
  const isSame = (resource: Resource) => {
    const now = other.byId(resource.id);
    return now === resource || (now !== undefined && isDeepStrictEqual(now.definition, resource.definition));
  };
  return one.resources.length === other.resources.length && one.resources.every(isSame);
}

function keyOf(kind: ResourceKind, reference: string): string {
  return `${kind} ${reference}`;
}

function withoutVariant(resource: Resource): string {
  const parsed = parseReference(resource.kind, resource.ref);
  return parsed === undefined ? resource.ref : formatReference({ ...parsed, variant: undefined });
}

function append(edges: Map<string, string[]>, key: string, value: string): void {
  const values = edges.get(key);
  if (values === undefined) edges.set(key, [value]);
  else values.push(value);
}
