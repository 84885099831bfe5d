import * as z from 'zod/mini';

const directions = ['BOTH', 'UPSTREAM', 'DOWNSTREAM'] as const;

/**
 * What of a lineage is shown: in which direction and how far, what is chosen in it, to where a path is looked for,
 * and whether columns are drawn.
 */
const search = z.object({
  direction: z.catch(z.optional(z.enum(directions)), undefined),
  depth: z.catch(z.optional(z.string().check(z.regex(/^[1-9]\d?$/))), undefined),
  chosen: z.catch(z.optional(z.string()), undefined),
  to: z.catch(z.optional(z.string()), undefined),
  show: z.catch(z.optional(z.enum(['deletion'])), undefined),
  columns: z.catch(z.optional(z.enum(['on', 'off'])), undefined),
});

export type LineageSearch = z.output<typeof search>;

export function readLineageSearch(given: Record<string, unknown>): LineageSearch {
  return z.parse(search, given);
}

export { directions };
