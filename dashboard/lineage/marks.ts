import { between, type Edge, reached, ways } from './reach.ts';

/** How a node stands to what is chosen. */
export type Mark = 'chosen' | 'upstream' | 'downstream' | 'broken' | 'path' | 'aside';
export type Marks = {
  of: ReadonlyMap<string, Mark>;
  steps: ReadonlyMap<string, number>;
  broken: number;
  isPath: boolean;
};

type Asked = { chosen: string | undefined; to: string | undefined; isDeletion: boolean; edges: readonly Edge[] };

/** What is highlighted: the ways from and to what is chosen, what its deletion would break, or the path to another. */
export function marksOf({ chosen, to, isDeletion, edges }: Asked): Marks {
  const of = new Map<string, Mark>();
  if (chosen === undefined) return { of, steps: new Map(), broken: 0, isPath: false };
  const down = reached(chosen, ways(edges));
  const up = reached(chosen, ways(edges, true));
  const steps = new Map([...up, ...down]);
  const broken = down.size - 1;
  if (to !== undefined) {
    for (const id of between(chosen, to, edges)) of.set(id, 'path');
    of.set(chosen, 'chosen');
    return { of, steps, broken, isPath: true };
  }
  if (!isDeletion) for (const id of up.keys()) of.set(id, 'upstream');
  for (const id of down.keys()) of.set(id, isDeletion ? 'broken' : 'downstream');
  of.set(chosen, 'chosen');
  return { of, steps, broken, isPath: false };
}
