import * as z from 'zod';

/** Where GraphiQL keeps its tabs, and we which of them it was given. */
const [tabsKept, examplesKept] = ['graphiql:tabState', 'featuregraph-examples'];

const kept = z.object({ tabs: z.array(z.object({ query: z.string().nullish() })) });

/**
 * GraphiQL shows the tabs of the last visit. Where these are examples that nobody has touched, they make room for those of
 * what is registered by now; what was written stays.
 */
export function renewExamples(storage: Storage, examples: readonly string[]): void {
  const given = z.array(z.string()).safeParse(parsed(storage.getItem(examplesKept))).data ?? [];
  const shown = kept.safeParse(parsed(storage.getItem(tabsKept))).data?.tabs ?? [];
  if (shown.every(({ query }) => !query || given.includes(query))) storage.removeItem(tabsKept);
  storage.setItem(examplesKept, JSON.stringify(examples));
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
