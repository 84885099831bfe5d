import { Graph, layout } from '@dagrejs/dagre';
import { type Edge, type Ways, ways } from './reach.ts';

export const nodeSize = { width: 210, height: 44 };
export type Place = { x: number; y: number };

/** Of more nodes than this dagre makes columns that are too long to look at, whatever they are. */
const finely = 200;
/** What is higher is not seen at once: the features of many views would stand above one another, and the rest far apart. */
const mostHeight = 1_600;
/** So few are drawn finely, however high that is: a column of theirs is soon looked through. */
const fewest = 60;
/** Beyond so many nodes columns are longer, or one would scroll to the side for ever. */
const few = 800;

/** Where each node stands, what is upstream to the left. */
export function placed(ids: readonly string[], edges: readonly Edge[]): ReadonlyMap<string, Place> {
  const fine = ids.length <= finely ? arranged(ids, edges) : undefined;
  const isFine = fine && (ids.length <= fewest || heightOf(fine) <= mostHeight);
  return isFine ? fine : columned(ids, edges, ids.length <= few ? 14 : 60);
}

function heightOf(places: ReadonlyMap<string, Place>): number {
  const tops = [...places.values()].map(({ y }) => y);
  return Math.max(0, ...tops) - Math.min(0, ...tops);
}

function arranged(ids: readonly string[], edges: readonly Edge[]): ReadonlyMap<string, Place> {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 70 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(id, { ...nodeSize });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  return new Map(
    ids.map((id) => {
      const { x, y } = graph.node(id) as Place;
      return [id, { x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 }];
    }),
  );
}

/**
 * Each node right of all that it is built on, in the order of these: what a thousand nodes need to be told apart. A column
 * that would be too long to look at goes on beside itself.
 */
function columned(ids: readonly string[], edges: readonly Edge[], rows: number): ReadonlyMap<string, Place> {
  const up = ways(edges, true);
  const ranks = ranked(ids, up);
  const columns = Map.groupBy(ids, (id) => ranks.get(id) ?? 0);
  const places = new Map<string, Place>();
  const order = new Map<string, number>();
  let left = 0;
  for (const rank of [...columns.keys()].toSorted((a, b) => a - b)) {
    const column = (columns.get(rank) ?? []).map((id) => ({ id, weight: meanOf(up.get(id) ?? [], order) }));
    column.sort((a, b) => a.weight - b.weight);
    const middle = Math.min(rows, column.length) / 2;
    for (const [at, { id }] of column.entries()) {
      order.set(id, at / column.length);
      const x = left + Math.floor(at / rows) * (nodeSize.width + 20);
      places.set(id, { x, y: ((at % rows) - middle) * (nodeSize.height + 14) });
    }
    left += Math.ceil(column.length / rows) * (nodeSize.width + 20) + 120;
  }
  return places;
}

/** How long the longest way from where a node's lineage begins is. */
function ranked(ids: readonly string[], up: Ways): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  const rankOf = (id: string): number => {
    const known = ranks.get(id);
    if (known !== undefined) return known;
    const rank = Math.max(-1, ...(up.get(id) ?? []).map(rankOf)) + 1;
    ranks.set(id, rank);
    return rank;
  };
  for (const id of ids) rankOf(id);
  return ranks;
}

function meanOf(ids: readonly string[], order: ReadonlyMap<string, number>): number {
  if (ids.length === 0) return 0;
  return ids.reduce((sum, id) => sum + (order.get(id) ?? 0), 0) / ids.length;
}
