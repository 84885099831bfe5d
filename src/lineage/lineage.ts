import type { Catalog, Edge, Resource } from '../registry/catalog.ts';

export type Direction = 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH';

/** A part of the graph of resources: `from` is what `to` was built on. Nodes are nearest first. */
export type Lineage = { nodes: Resource[]; edges: Edge[] };

/** No more is looked for once more nodes and edges than this were found: whoever may not have them does not wait for them. */
type Most = number;

/**
 * What a resource was built on, what is built on it, or both, up to `depth` steps away; without a depth, all of
 * it. The resource itself is a node; each resource is one, however many ways lead to it.
 */
export function lineageOf(
  catalog: Catalog,
  start: Resource,
  direction: Direction,
  depth = Number.POSITIVE_INFINITY,
  most: Most = Number.POSITIVE_INFINITY,
): Lineage {
  const nodes = new Map([[start.id, start]]);
  const edges: Edge[] = [];
  for (const way of direction === 'BOTH' ? (['UPSTREAM', 'DOWNSTREAM'] as const) : [direction]) {
    for (const { resource, neighbours } of walked(catalog, start, way, depth)) {
      if (nodes.size + edges.length > most) break;
      for (const neighbour of neighbours) {
        nodes.set(neighbour.id, neighbour);
        const [from, to] = way === 'UPSTREAM' ? [neighbour, resource] : [resource, neighbour];
        edges.push({ from: from.id, to: to.id });
      }
    }
  }
  return { nodes: [...nodes.values()], edges };
}

/** What would be left without its ground if the resource went: all that is built on it, nearest first. */
export function brokenWithout(catalog: Catalog, resource: Resource, most?: Most): Resource[] {
  return reach(catalog, resource, 'DOWNSTREAM', undefined, most);
}

/** The resources `depth` steps or fewer away in one direction, nearest first, without the resource itself. */
export function reach(
  catalog: Catalog,
  start: Resource,
  direction: 'UPSTREAM' | 'DOWNSTREAM',
  depth = Number.POSITIVE_INFINITY,
  most: Most = Number.POSITIVE_INFINITY,
): Resource[] {
  const found = new Map<string, Resource>();
  for (const { neighbours } of walked(catalog, start, direction, depth)) {
    if (found.size > most) break;
    for (const neighbour of neighbours) found.set(neighbour.id, neighbour);
  }
  return [...found.values()];
}

/** Each resource fewer than `depth` steps away, the nearest first, and what is next to it, each once. */
function* walked(
  catalog: Catalog,
  start: Resource,
  way: 'UPSTREAM' | 'DOWNSTREAM',
  depth: number,
): Generator<{ resource: Resource; neighbours: ReadonlySet<Resource> }> {
  const seen = new Set([start.id]);
  let ring = [start];
  for (let step = 0; step < depth && ring.length > 0; step++) {
    const next: Resource[] = [];
    for (const resource of ring) {
      const neighbours = new Set(way === 'UPSTREAM' ? catalog.upstream(resource.id) : catalog.downstream(resource.id));
      yield { resource, neighbours };
      for (const neighbour of neighbours) {
        if (!seen.has(neighbour.id)) next.push(neighbour);
        seen.add(neighbour.id);
      }
    }
    ring = next;
  }
}
