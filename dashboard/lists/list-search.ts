import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);

/** What a list shows, as it stands in the address. */
const listSearch = z.object({ q: text, owner: text, tag: text, status: text, age: text });

export type ListSearch = z.output<typeof listSearch>;

export function readListSearch(search: Record<string, unknown>): ListSearch {
  return z.parse(listSearch, search);
}

/** How old the data of a view or training set must be at least to be shown, in milliseconds. */
export const ages: Readonly<Record<string, number>> = {
  '1h': 3_600_000,
  '1d': 86_400_000,
  '7d': 604_800_000,
};
