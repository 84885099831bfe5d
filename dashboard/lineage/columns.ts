import { useMemo } from 'react';
import { useQuery } from 'urql';
import { ColumnOrigins, type ColumnOriginsQuery } from '../generated/operations.ts';
import type { ColumnNode, LineageNode } from './lineage-nodes.ts';
import type { Edge } from './reach.ts';

type Lineage = { nodes: readonly LineageNode[]; edges: readonly Edge[] };

/** Of more features than this their columns are drawn where one asks for it. */
export const fewFeatures = 40;
/** As many as the graph is asked for at once. */
export const mostFeatures = 500;

export function featuresOf(nodes: readonly LineageNode[]): LineageNode[] {
  return nodes.filter(({ kind }) => kind === 'FEATURE');
}

/** A lineage with the columns that its features come from between these and their sources, as far as the SQL tells. */
export function useColumns(of: Lineage, isShown: boolean): Lineage {
  const ids = useMemo(() => featuresOf(of.nodes).map(({ id }) => id), [of.nodes]);
  const isAsked = isShown && ids.length > 0 && ids.length <= mostFeatures;
  const [{ data }] = useQuery({ query: ColumnOrigins, variables: { ids }, pause: !isAsked });
  return useMemo(() => (isAsked && data ? withColumns(of, data.nodes) : of), [of, isAsked, data]);
}

export function withColumns({ nodes, edges }: Lineage, features: ColumnOriginsQuery['nodes']): Lineage {
  const shown = new Set(nodes.map(({ id }) => id));
  const columns = new Map<string, ColumnNode>();
  const ways = new Map<string, Edge>();
  for (const feature of features) {
    if (feature?.__typename !== 'Feature' || !shown.has(feature.id)) continue;
    for (const { column, source } of feature.origins ?? []) {
      if (!shown.has(source.id)) continue;
      const id = `${source.id} ${column}`;
      columns.set(id, {
        kind: 'COLUMN',
        id,
        ref: `${source.ref}.${column}`,
        status: 'READY',
        source: source.ref,
        column,
      });
      for (const edge of [
        { from: source.id, to: id },
        { from: id, to: feature.id },
      ])
        ways.set(`${edge.from} ${edge.to}`, edge);
    }
  }
  return { nodes: [...nodes, ...columns.values()], edges: [...edges, ...ways.values()] };
}
