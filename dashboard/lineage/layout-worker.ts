import { placed } from './layout.ts';

export type ToPlace = Parameters<typeof placed>;
export type Placed = ReturnType<typeof placed>;

/** Lays out beside the page, which stays quick to use meanwhile: for some hundred nodes that takes longer than all else it does. */
self.addEventListener('message', ({ data }: MessageEvent<ToPlace>) => {
  self.postMessage(placed(...data) satisfies Placed);
});
