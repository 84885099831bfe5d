import { closest } from 'fastest-levenshtein';
import MiniSearch, { type Query, type SearchResult } from 'minisearch';
import type { Catalog, Resource } from '../registry/catalog.ts';
import { turn } from '../turns.ts';
import { type SearchedField, searchedFields, searchedTexts } from './searched-fields.ts';
import { isShortFor, wordsOf } from './words.ts';

/** Why a resource was found: a word of one of its fields, for a word that was asked for. */
export type SearchMatch = { field: SearchedField; word: string; asked: string };
export type Found = { resource: Resource; matches: readonly SearchMatch[] };

type Texts = Readonly<Record<SearchedField, string>>;
/** The columns that stores told of sources, by the sources' ids. */
export type ColumnsOf = (sourceIds: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;

const boost: Record<SearchedField, number> = {
  NAME: 4,
  INITIALS: 2,
  DESCRIPTION: 1,
  OWNER: 2,
  TAG: 2,
  VIEW: 0.5,
  COLUMN: 1,
};
/** What a word is worth that is only like the one that was asked for. */
const ofLikeness = 0.4;
/** Words beyond these add nothing but work. */
const mostWords = 12;
/** How many resources are taken at a turn. */
const atOnce = 50;

/**
 * Finds resources by words as people have them in mind: the words of names one by one, short forms and what they stand
 * for (`conversion` finds `conv_rate`), parts of words, and small spelling errors. All words must be found, in whatever
 * fields. The best match comes first; what is used more gains by that. Follows a catalog when it is asked, resource by
 * resource.
 */
export class SearchIndex {
  readonly #columnsOf: ColumnsOf;
  readonly #index = new MiniSearch<{ id: string } & Texts>({
    fields: [...searchedFields],
    tokenize: wordsOf,
    processTerm: (word) => word,
    searchOptions: { boost, prefix: true, fuzzy: (word) => (word.length > 3 ? 0.2 : false), maxFuzzy: 2 },
  });
  readonly #held = new Map<string, { resource: Resource; words: ReadonlySet<string> }>();
  /** How many resources have a word. */
  readonly #vocabulary = new Map<string, number>();
  #followed: Catalog | undefined;
  #following: Promise<void> = Promise.resolve();

  constructor(columnsOf: ColumnsOf) {
    this.#columnsOf = columnsOf;
  }

  async search(catalog: Catalog, text: string): Promise<Found[]> {
    const asked = [...new Set(wordsOf(text))].slice(0, mostWords);
    if (asked.length === 0) return [];
    const followed = this.#following.then(() => this.#follow(catalog));
    this.#following = followed.catch(() => undefined);
    await followed;
    // One takes some hundredths of a second in a large registry, and a request may have many.
    await turn();
    const alike = new Map(asked.map((word) => [word, this.#alike(word)]));
    const queries = asked.map((word) => queryFor(word, alike.get(word) ?? []));
    const boostDocument = (id: string) => 1 + Math.log1p(catalog.downstream(id).length) / 10;
    const results = this.#index.search({ combineWith: 'AND', queries }, { boostDocument });
    return results.flatMap((result) => {
      const resource = catalog.byId(result.id);
      return resource === undefined ? [] : { resource, matches: matchesOf(result, alike) };
    });
  }

  async #follow(catalog: Catalog): Promise<void> {
    if (catalog === this.#followed) return;
    this.#followed = undefined;
    for (const id of [...this.#held.keys()]) if (catalog.byId(id) === undefined) this.#forget(id);
    const changed = catalog.resources.filter(
      (resource) => !saysTheSame(this.#held.get(resource.id)?.resource, resource),
    );
    for (let at = 0; at < changed.length; at += atOnce) {
      await turn();
      await this.#take(changed.slice(at, at + atOnce));
    }
    this.#followed = catalog;
  }

  async #take(resources: readonly Resource[]): Promise<void> {
    const sources = resources.filter(({ kind }) => kind === 'SOURCE').map(({ id }) => id);
    const columns = sources.length === 0 ? undefined : await this.#columnsOf(sources);
    for (const resource of resources) {
      this.#forget(resource.id);
      const texts = searchedTexts(resource, columns?.get(resource.id) ?? []);
      const words = new Set(Object.values(texts).flatMap(wordsOf));
      this.#index.add({ id: resource.id, ...texts });
      this.#held.set(resource.id, { resource, words });
      for (const word of words) this.#vocabulary.set(word, (this.#vocabulary.get(word) ?? 0) + 1);
    }
  }

  #forget(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#index.discard(id);
    for (const word of held.words) {
      const left = (this.#vocabulary.get(word) ?? 0) - 1;
      if (left > 0) this.#vocabulary.set(word, left);
      else this.#vocabulary.delete(word);
    }
  }

  /** Words that resources have for one that is asked for, besides those that begin with it or are spelt nearly so. */
  #alike(asked: string): string[] {
    const isAlike = (word: string) =>
      isShortFor(word, asked) || isShortFor(asked, word) || (asked.length > 2 && word.includes(asked));
    return [...this.#vocabulary.keys()].filter((word) => word !== asked && isAlike(word));
  }
}

function queryFor(asked: string, alike: readonly string[]): Query {
  const exactly: Query = {
    combineWith: 'OR',
    queries: [...alike],
    prefix: false,
    fuzzy: false,
    boostTerm: () => ofLikeness,
  };
  return { combineWith: 'OR', queries: [asked, exactly] };
}

function matchesOf({ match }: SearchResult, alike: ReadonlyMap<string, readonly string[]>): SearchMatch[] {
  const asked = [...alike.keys()];
  return Object.entries(match).flatMap(([word, fields]) => {
    const isMeant = (one: string) => word.startsWith(one) || alike.get(one)?.includes(word) === true;
    const meant = asked.find((one) => one === word) ?? asked.find(isMeant) ?? closest(word, asked);
    return fields.map((field) => ({ field: field as SearchedField, word, asked: meant }));
  });
}

/** Whether two states of a resource read the same for whoever searches. Its definition changes in what it says alone. */
function saysTheSame(held: Resource | undefined, now: Resource): boolean {
  return (
    held === now ||
    (held !== undefined &&
      held.description === now.description &&
      held.owner === now.owner &&
      isSameList(held.tags, now.tags))
  );
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((item, at) => item === other[at]));
}
