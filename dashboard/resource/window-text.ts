import type { WindowOfFragment } from '../generated/operations.ts';

/** Over which events something is aggregated, and by what else than its entity: `7d, in steps of 1h, by category`. */
export function windowText({
  window,
  hop,
  offset,
  inclusive,
  secondaryKey,
}: Omit<WindowOfFragment, 'function'>): string {
  const edges = [
    hop && `in steps of ${hop}`,
    offset && `until ${offset} before`,
    inclusive && 'the instant included',
    secondaryKey && `by ${secondaryKey}`,
  ];
  return [window, ...edges.filter((edge) => typeof edge === 'string' && edge !== '')].join(', ');
}
