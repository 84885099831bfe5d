import { nodeSize, type Place } from './layout.ts';

type Sight = Place & { zoom: number };

/** Smaller than this, names can not be read. */
export const smallest = 0.6;
const margin = 24;

/** Where one looks at first: at all of it, where that can be read; otherwise at what is chosen. */
export function firstSight(
  places: Iterable<Place>,
  chosen: Place | undefined,
  { width, height }: { width: number; height: number },
): Sight | undefined {
  const all = [...places];
  const [first] = all;
  if (first === undefined) return undefined;
  const [left, top] = [Math.min(...all.map(({ x }) => x)), Math.min(...all.map(({ y }) => y))];
  const right = Math.max(...all.map(({ x }) => x)) + nodeSize.width;
  const bottom = Math.max(...all.map(({ y }) => y)) + nodeSize.height;
  const zoom = Math.min(1, (width - margin) / (right - left), (height - margin) / (bottom - top));
  if (zoom >= smallest) return { x: (left + right) / 2, y: (top + bottom) / 2, zoom };
  const { x, y } = middleOf(chosen ?? first);
  return {
    x: within(x, [left, right], width / smallest),
    y: within(y, [top, bottom], height / smallest),
    zoom: smallest,
  };
}

/** The middle of what is looked at, as near as it gets without looking beyond where anything is. */
function within(middle: number, [start, end]: readonly [number, number], sight: number): number {
  if (end - start <= sight) return (start + end) / 2;
  return Math.min(Math.max(middle, start + sight / 2 - margin), end - sight / 2 + margin);
}

export function middleOf({ x, y }: Place): Place {
  return { x: x + nodeSize.width / 2, y: y + nodeSize.height / 2 };
}
