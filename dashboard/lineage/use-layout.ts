import { startTransition, useEffect, useRef, useState } from 'react';
import type { Place } from './layout.ts';
import type { Placed, ToPlace } from './layout-worker.ts';
import type { LineageNode } from './lineage-nodes.ts';
import type { Edge } from './reach.ts';

export type Layout = {
  nodes: readonly LineageNode[];
  edges: readonly Edge[];
  places: ReadonlyMap<string, Place>;
};

/** Where each node stands; as it was before while that is worked out anew, and undefined at first. */
export function useLayout(nodes: readonly LineageNode[], edges: readonly Edge[]): Layout | 'FAILED' | undefined {
  const [layout, setLayout] = useState<Layout | 'FAILED'>();
  const worker = useRef<Worker>(undefined);
  const turn = useRef(0);
  useEffect(() => {
    const started = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
    started.addEventListener('error', () => setLayout('FAILED'));
    worker.current = started;
    return () => started.terminate();
  }, []);
  useEffect(() => {
    const current = worker.current;
    if (current === undefined) return;
    const mine = ++turn.current;
    const take = ({ data }: MessageEvent<Placed>) => {
      if (data.turn === mine) startTransition(() => setLayout({ nodes, edges, places: data.places }));
    };
    current.addEventListener('message', take);
    current.postMessage({ turn: mine, ids: nodes.map(({ id }) => id), edges } satisfies ToPlace);
    return () => current.removeEventListener('message', take);
  }, [nodes, edges]);
  return layout;
}
