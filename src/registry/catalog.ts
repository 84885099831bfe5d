import { isDeepStrictEqual } from 'node:util';
import type { Definition, DefinitionKind, DefinitionOf, FeatureNode } from './definitions/definition.ts';
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

/**
 * All that is registered, at one moment, in memory: 10,000 features are a few megabytes, and every question that
 * serving, planning and lineage ask is a look-up. Immutable; a change makes a new one.
 */
export class Catalog {
  readonly resources: readonly Resource[];
  readonly edges: readonly Edge[];
  readonly #byId = new Map<string, Resource>();
  readonly #byReference = new Map<string, Resource>();
  readonly #latest = new Map<string, Resource>();
  readonly #upstream = new Map<string, string[]>();
  readonly #downstream = new Map<string, string[]>();

  constructor(resources: readonly Resource[], edges: readonly Edge[]) {
    this.edges = edges;
    this.resources = resources.toSorted((one, other) => one.sequence - other.sequence);
    for (const resource of this.resources) {
      this.#byId.set(resource.id, resource);
      this.#byReference.set(keyOf(resource.kind, resource.ref), resource);
      this.#latest.set(keyOf(resource.kind, withoutVariant(resource)), resource);
    }
    for (const { from, to } of edges) {
      append(this.#upstream, to, from);
      append(this.#downstream, from, to);
    }
  }

  byId(id: string): Resource | undefined {
    return this.#byId.get(id);
  }

  /** By a pinned reference, or the latest variant by an unpinned one. */
  find<K extends ResourceKind>(kind: K, reference: string): ResourceOf<K> | undefined {
    const parsed = parseReference(kind, reference);
    if (parsed === undefined) return undefined;
    const index = parsed.variant === undefined ? this.#latest : this.#byReference;
    return index.get(keyOf(kind, formatReference(parsed))) as ResourceOf<K> | undefined;
  }

  ofKind<K extends ResourceKind>(kind: K): ResourceOf<K>[] {
    return this.resources.filter((resource): resource is ResourceOf<K> => resource.kind === kind);
  }

  /** What a resource was directly built on. */
  upstream(id: string): Resource[] {
    return this.#neighbours(this.#upstream, id);
  }

  /** What was directly built on it. */
  downstream(id: string): Resource[] {
    return this.#neighbours(this.#downstream, id);
  }

  #neighbours(edges: ReadonlyMap<string, string[]>, id: string): Resource[] {
    return (edges.get(id) ?? []).flatMap((neighbour) => this.#byId.get(neighbour) ?? []);
  }
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
