import { placed } from './layout.ts';
import type { Edge } from './reach.ts';

export type ToPlace = { turn: number; ids: readonly string[]; edges: readonly Edge[] };
export type Placed = { turn: number; places: ReturnType<typeof placed> };

/** Lays out beside the page, which stays quick to use meanwhile: for some hundred nodes that takes longer than all else it does. */
self.addEventListener('message', ({ data: { turn, ids, edges } }: MessageEvent<ToPlace>) => {
  self.postMessage({ turn, places: placed(ids, edges) } satisfies Placed);
});
