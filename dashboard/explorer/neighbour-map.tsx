import { flattened } from './flattened.ts';

export type Placed = { name: string; vector: readonly number[]; isSelf: boolean };

const size = 320;
const edge = 36;

/** Where neighbours lie to one another, as far as two dimensions can say it. Names are in the list beside it. */
export function NeighbourMap({ placed }: { placed: readonly Placed[] }) {
  if (placed.length < 2) return null;
  const points = flattened(placed.map(({ vector }) => vector));
  const [minX, maxX] = ends(points.map(([x]) => x));
  const [minY, maxY] = ends(points.map(([, y]) => y));
  const scale = (size - 2 * edge) / Math.max(maxX - minX, maxY - minY, 1e-9);
  return (
    <figure className="panel p-2">
      <svg
        viewBox={`0 0 ${size} ${size}`}
        className="w-full"
        role="img"
        aria-label="Map of the nearest, in two dimensions"
      >
        {placed.map(({ name, isSelf }, at) => {
          const [x = 0, y = 0] = points[at] ?? [];
          const [left, top] = [edge + (x - minX) * scale, edge + (y - minY) * scale];
          return (
            <g key={name} className={isSelf ? 'text-accent' : 'text-soft'} fill="currentColor">
              <circle cx={left} cy={top} r={isSelf ? 6 : 4} />
              <text x={left + 8} y={top + 4} fontSize="10">
                {name}
              </text>
            </g>
          );
        })}
      </svg>
      <figcaption className="px-2 pb-1 text-soft text-xs">
        The two directions in which they differ most (principal components); the one that was asked for is larger.
      </figcaption>
    </figure>
  );
}

function ends(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
