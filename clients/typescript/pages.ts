type Page<T> = {
  edges: readonly { node: T }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

/** What is on all pages, one after another; the next page is asked for when the one before has been read. */
export async function* pagesOf<T>(
  page: (after: string | null) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo } = await page(after);
    for (const { node } of edges) yield node;
    if (!pageInfo.hasNextPage || pageInfo.endCursor === null) return;
    after = pageInfo.endCursor;
  }
}
