import * as z from 'zod/mini';

const text = z.catch(z.optional(z.string()), undefined);

/**
 * Which one is looked at: an entity, the values of its join keys by name as JSON, at which instant, where not now, and the values
 * of a request, by name as JSON.
 */
const search = z.object({ entity: text, keys: text, at: text, request: text });

export type ExplorerSearch = z.output<typeof search>;

export function readExplorerSearch(given: Record<string, unknown>): ExplorerSearch {
  return z.parse(search, given);
}

const texts = z.record(z.string(), z.string());

/** What was typed for each name; nothing where the address holds something else. */
export function typedTexts(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  try {
    return z.safeParse(texts, JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}
