import type { StoredPoint } from './qdrant-points.ts';

/** Points and bytes of one request. The filter that guards it is looked through for each point that is there. */
const [pointsOfRequest, bytesOfRequest] = [256, 4 << 20];
/** A component as text takes so many at most. */
const bytesOfComponent = 22;

/** How many points of so many dimensions, with small payloads, one request may hold. */
export function pageSize(dimensions: number): number {
  return Math.max(1, Math.min(pointsOfRequest, Math.floor(bytesOfRequest / (dimensions * bytesOfComponent))));
}

/** Points in requests of bounded size. */
export function requestsOf(points: readonly StoredPoint[]): StoredPoint[][] {
  const requests: StoredPoint[][] = [];
  let bytes = 0;
  for (const point of points) {
    const last = requests.at(-1);
    bytes += sizeOf(point);
    if (last !== undefined && last.length < pointsOfRequest && bytes <= bytesOfRequest) last.push(point);
    else {
      requests.push([point]);
      bytes = sizeOf(point);
    }
  }
  return requests;
}

/** The first points of their keys, then the second ones, and so on: a request holds each key once. */
export function distinctRounds(points: readonly StoredPoint[]): StoredPoint[][] {
  const rounds: StoredPoint[][] = [];
  const seen = new Map<string, number>();
  for (const point of points) {
    const round = seen.get(point.id) ?? 0;
    seen.set(point.id, round + 1);
    const list = rounds[round];
    if (list === undefined) rounds.push([point]);
    else list.push(point);
  }
  return rounds;
}

function sizeOf({ vector, payload }: StoredPoint): number {
  const components = Object.values(vector).reduce((sum, each) => sum + each.length, 0);
  return components * bytesOfComponent + JSON.stringify(payload).length;
}
