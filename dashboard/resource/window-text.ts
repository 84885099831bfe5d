import type { WindowOfFragment } from '../generated/operations.ts';

/** Over which events something is aggregated: `7d, in steps of 1h`. */
export function windowText({ window, hop, offset, inclusive }: Omit<WindowOfFragment, 'function'>): string {
  const edges = [hop && `in steps of ${hop}`, offset && `until ${offset} before`, inclusive && 'the instant included'];
  return [window, ...edges.filter((edge) => typeof edge === 'string' && edge !== '')].join(', ');
}
