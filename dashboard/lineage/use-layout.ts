import { startTransition, useEffect, useState } from 'react';
import type { Placed, ToPlace } from './layout-worker.ts';
import type { LineageNode } from './lineage-nodes.ts';
import type { Edge } from './reach.ts';

export type Layout = { nodes: readonly LineageNode[]; edges: readonly Edge[]; places: Placed };

/** Where each node stands; as it was before while that is worked out anew, and undefined at first. */
export function useLayout(nodes: readonly LineageNode[], edges: readonly Edge[]): Layout | 'FAILED' | undefined {
  const [layout, setLayout] = useState<Layout | 'FAILED'>();
  useEffect(() => {
    const worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('error', () => setLayout('FAILED'));
    worker.addEventListener('message', ({ data: places }: MessageEvent<Placed>) => {
      startTransition(() => setLayout({ nodes, edges, places }));
    });
    worker.postMessage([nodes.map(({ id }) => id), edges] satisfies ToPlace);
    // Whoever no longer waits for it has it stop.
    return () => worker.terminate();
  }, [nodes, edges]);
  return layout;
}
