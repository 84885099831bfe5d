/**
 * The part of time that a feature looks at, in microseconds. At instant t it holds the events with
 * `floor(t − offset − length, hop) ≤ ts < t − offset`, and with `inclusive` also one exactly there. Times of events
 * and instants are whole numbers that a double holds exactly.
 */
export type Window = {
  /** Undefined: all of the past. */
  length: number | undefined;
  /** 0: the left edge is exact. */
  hop: number;
  offset: number;
  inclusive: boolean;
};

/** The earliest and the latest time of an event that windows can tell: years 1684 and 2255. */
export const [earliestTime, latestTime] = [-(2 ** 53) + 1, 2 ** 53 - 1];

/** The first time that counts at an instant. */
export function leftEdge({ length, hop, offset }: Window, instant: number): number {
  return length === undefined ? Number.NEGATIVE_INFINITY : floorTo(instant - offset - length, hop);
}

/** The first time that does not count any more: times are whole microseconds. */
export function rightEdge({ offset, inclusive }: Window, instant: number): number {
  return instant - offset + (inclusive ? 1 : 0);
}

/** The remainder of doubles is exact, which a quotient is not. */
export function floorTo(time: number, hop: number): number {
  if (hop === 0) return time;
  const rest = time % hop;
  return time - (rest < 0 ? rest + hop : rest);
}

/**
 * Whether an edge of the window can come to lie behind one event and before, or at, a later one, at any instant
 * from `since` on: then the two must stay apart.
 */
export function separates(window: Window, earlier: number, later: number, since: number): boolean {
  if (window.length === undefined) return false;
  const edge = floorTo(later, window.hop);
  return edge > earlier && edge >= leftEdge(window, since);
}

/** Events from here on, until `since` moves on, can still be cut in two by an edge of the window that is no tile's. */
export function cutFrom(window: Window, since: number): number {
  const reach = window.hop === 0 && window.length !== undefined ? window.length : 0;
  return since - window.offset - reach;
}
