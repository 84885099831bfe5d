import { closest, distance } from 'fastest-levenshtein';
import type { Issue } from '../../providers/contract/failure.ts';

const prefix = 'FEATUREGRAPH_';

/** What is read elsewhere than in a server's configuration. */
const othersToo = ['FEATUREGRAPH_URL', 'FEATUREGRAPH_API_KEY'];

/**
 * Variables that are nothing, but nearly something: who misspells one runs with its default and never learns it. Others
 * that begin as ours do may be of anyone, and are nobody's fault.
 */
export function misspeltVariables(given: readonly string[], known: readonly string[]): Issue[] {
  const ours = [...known, ...othersToo]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  return given.flatMap((path): Issue[] => {
    const name = path.slice(prefix.length);
    if (!path.startsWith(prefix) || name.startsWith('SECRET_') || ours.includes(name)) return [];
    const meant = closest(name, ours);
    const isNear = distance(name, meant) <= Math.max(2, Math.floor(name.length / 4));
    return !isNear ? [] : [{ path, message: `is no variable: did you mean ${prefix}${meant}?` }];
  });
}
