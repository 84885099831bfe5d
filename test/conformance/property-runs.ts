/**
 * How often and from where a property test draws. `FEATUREGRAPH_WORLDS` is the number of cases of a test that takes
 * a `share` of 1; `FEATUREGRAPH_SEED`, which a failure prints as `seed`, draws the same cases again.
 */
export function propertyRuns(share = 1): { numRuns: number; seed?: number } {
  const numRuns = Math.max(1, Math.ceil(wholeNumber('FEATUREGRAPH_WORLDS', 1000) * share));
  const seed = process.env.FEATUREGRAPH_SEED;
  return seed === undefined ? { numRuns } : { numRuns, seed: wholeNumber('FEATUREGRAPH_SEED', 0) };
}

function wholeNumber(variable: string, otherwise: number): number {
  const number = Number(process.env[variable] ?? otherwise);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${variable} must be a whole number`);
  return number;
}
