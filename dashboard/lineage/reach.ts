export type Edge = { from: string; to: string };
export type Ways = ReadonlyMap<string, readonly string[]>;

/** From where one gets to where, along edges or against them. */
export function ways(edges: readonly Edge[], isAgainst = false): Ways {
  const found = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const [start, end] = isAgainst ? [to, from] : [from, to];
    const ends = found.get(start);
    if (ends === undefined) found.set(start, [end]);
    else ends.push(end);
  }
  return found;
}

/** All that is reached, and in how many steps at least; where one begins is 0. */
export function reached(from: string, along: Ways): ReadonlyMap<string, number> {
  const steps = new Map([[from, 0]]);
  const waiting = [from];
  for (const at of waiting) {
    const next = (steps.get(at) ?? 0) + 1;
    for (const end of along.get(at) ?? []) {
      if (steps.has(end)) continue;
      steps.set(end, next);
      waiting.push(end);
    }
  }
  return steps;
}

/** All that lies on any way from one to the other, in either direction; empty where there is none. */
export function between(one: string, other: string, edges: readonly Edge[]): ReadonlySet<string> {
  const [down, up] = [ways(edges), ways(edges, true)];
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const back = reached(to, up);
    const on = [...reached(from, down).keys()].filter((id) => back.has(id));
    if (on.length > 0) return new Set(on);
  }
  return new Set();
}
