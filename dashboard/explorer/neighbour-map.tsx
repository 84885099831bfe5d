import { flattened } from './flattened.ts';

export type Placed = { name: string; vector: readonly number[]; isSelf: boolean };

const size = 320;
const edge = 36;
const fontSize = 10;

type Drawn = { name: string; left: number; top: number };

/** Where neighbours lie to one another, as far as two dimensions can say it. Names are in the list beside it. */
export function NeighbourMap({ placed }: { placed: readonly Placed[] }) {
  if (placed.length < 2) return null;
  const points = flattened(placed.map(({ vector }) => vector));
  const [minX, maxX] = ends(points.map(([x]) => x));
  const [minY, maxY] = ends(points.map(([, y]) => y));
  const scale = (size - 2 * edge) / Math.max(maxX - minX, maxY - minY, 1e-9);
  const drawn = placed.map((one, at) => {
    const [x = 0, y = 0] = points[at] ?? [];
    return { ...one, left: edge + (x - minX) * scale, top: edge + (y - minY) * scale };
  });
  const named = namesThatFit(drawn);
  return (
    <figure className="panel self-start p-2">
      <svg
        viewBox={`0 0 ${size} ${size}`}
        className="w-full"
        role="img"
        aria-label="Map of the nearest, in two dimensions"
      >
        {drawn.map(({ name, isSelf, left, top }) => (
          <g key={name} className={isSelf ? 'text-accent' : 'text-soft'} fill="currentColor">
            <title>{name}</title>
            <circle cx={left} cy={top} r={isSelf ? 6 : 4} />
            {named.has(name) && (
              <text x={left + 8} y={top + 4} fontSize={fontSize}>
                {name}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption className="px-2 pb-1 text-soft text-xs">
        The two directions in which they differ most (principal components); the one that was asked for is larger.
      </figcaption>
    </figure>
  );
}

/** Names that lie on no other: the nearest first. The rest are said where one points at them. */
function namesThatFit(drawn: readonly Drawn[]): ReadonlySet<string> {
  const fit: Drawn[] = [];
  const isOver = (one: Drawn, other: Drawn) =>
    Math.abs(one.top - other.top) < fontSize &&
    one.left < other.left + widthOf(other) &&
    other.left < one.left + widthOf(one);
  for (const one of drawn) if (!fit.some((other) => isOver(one, other))) fit.push(one);
  return new Set(fit.map(({ name }) => name));
}

/** A point with its name, as wide as letters are at most. */
function widthOf({ name }: Drawn): number {
  return 12 + name.length * fontSize * 0.65;
}

function ends(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
