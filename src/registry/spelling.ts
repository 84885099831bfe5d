import { closest, distance } from 'fastest-levenshtein';

/** The known name nearest to a misspelt one, if one is near enough to be what was meant. */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(
    written.toLowerCase(),
    known.map((name) => name.toLowerCase()),
  );
  const near = distance(written.toLowerCase(), best) <= Math.max(1, Math.floor(written.length / 3));
  return near ? known.find((name) => name.toLowerCase() === best) : undefined;
}
