import type { SearchMatch } from '../src/search/search-index.ts';
import { builder } from './builder.ts';
import { SearchedFieldEnum } from './enums.ts';

const SearchMatchType = builder.objectRef<SearchMatch>('SearchMatch').implement({
  description: 'Why a resource was found: a word of it, for a word of the search.',
  fields: (t) => ({
    field: t.expose('field', { type: SearchedFieldEnum, description: 'Where the word is.' }),
    word: t.exposeString('word', { description: 'The word, in small letters.' }),
    asked: t.exposeString('asked', { description: 'The word of the search that it was found for.' }),
  }),
});

export const searchArgument = {
  description:
    'Words of its name, description, owner, tags or columns: all must be found. Parts of words, short forms (conv for conversion) and small spelling errors count too. The best match comes first, and what is used more gains by that. All, where there is no word.',
} as const;

/** The field of a page's edge that says why its node is in the page. */
export const searchMatches = {
  type: [SearchMatchType] as [typeof SearchMatchType],
  description: 'Why it was found; empty where nothing was searched.',
  resolve: ({ matches }: { matches: readonly SearchMatch[] }) => matches,
};
