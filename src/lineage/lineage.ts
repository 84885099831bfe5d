import type { Catalog, Edge, Resource } from '../registry/catalog.ts';

export type Direction = 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH';

/** A part of the graph of resources: `from` is what `to` was built on. Nodes are nearest first. */
export type Lineage = { nodes: Resource[]; edges: Edge[] };

/**
 * What a resource was built on, what is built on it, or both, up to `depth` steps away; without a depth, all of
 * it. The resource itself is a node; each resource is one, however many ways lead to it.
 */
export function lineageOf(
  catalog: Catalog,
  start: Resource,
  direction: Direction,
  depth = Number.POSITIVE_INFINITY,
): Lineage {
  const nodes = new Map([[start.id, start]]);
  const edges = new Map<string, Edge>();
  for (const way of direction === 'BOTH' ? (['UPSTREAM', 'DOWNSTREAM'] as const) : [direction]) {
    walk(catalog, start, way, depth, nodes, edges);
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/** What would be left without its ground if the resource went: all that is built on it, nearest first. */
export function brokenWithout(catalog: Catalog, resource: Resource): Resource[] {
  return lineageOf(catalog, resource, 'DOWNSTREAM').nodes.slice(1);
}

/** The resources `depth` steps or fewer away in one direction, nearest first, without the resource itself. */
export function reach(
  catalog: Catalog,
  start: Resource,
  direction: 'UPSTREAM' | 'DOWNSTREAM',
  depth: number,
): Resource[] {
  return lineageOf(catalog, start, direction, depth).nodes.slice(1);
}

function walk(
  catalog: Catalog,
  start: Resource,
  way: 'UPSTREAM' | 'DOWNSTREAM',
  depth: number,
  nodes: Map<string, Resource>,
  edges: Map<string, Edge>,
): void {
  const seen = new Set([start.id]);
  let ring = [start];
  for (let step = 0; step < depth && ring.length > 0; step++) {
    const next: Resource[] = [];
    for (const resource of ring) {
      const neighbours = way === 'UPSTREAM' ? catalog.upstream(resource.id) : catalog.downstream(resource.id);
      for (const neighbour of neighbours) {
        const edge =
          way === 'UPSTREAM' ? { from: neighbour.id, to: resource.id } : { from: resource.id, to: neighbour.id };
        edges.set(`${edge.from} ${edge.to}`, edge);
        nodes.set(neighbour.id, neighbour);
        if (!seen.has(neighbour.id)) next.push(neighbour);
        seen.add(neighbour.id);
      }
    }
    ring = next;
  }
}
