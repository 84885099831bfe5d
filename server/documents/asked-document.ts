import { z } from 'zod';

/** The forms in which clients name a document: GraphQL over HTTP's own, and Apollo's, which most clients can send. */
const named = z.union([
  z.object({ documentId: z.string() }).transform(({ documentId }) => ({ id: documentId, form: 'OWN' as const })),
  z
    .object({ extensions: z.object({ persistedQuery: z.object({ sha256Hash: z.string() }) }) })
    .transform(({ extensions }) => ({ id: extensions.persistedQuery.sha256Hash, form: 'APOLLO' as const })),
  z
    .object({ extensions: z.object({ documentId: z.string() }) })
    .transform(({ extensions }) => ({ id: extensions.documentId, form: 'OWN' as const })),
]);

export type AskedDocument = z.output<typeof named>;

/** The document that a request names; undefined where it names none. `asked` is a body, or the payload of an operation. */
export function askedDocument(asked: unknown): AskedDocument | undefined {
  if (typeof asked !== 'object' || asked === null || !('documentId' in asked || 'extensions' in asked))
    return undefined;
  return named.safeParse(asked).data;
}

/** Whether a request brings a text as well. */
export function hasText(asked: unknown): boolean {
  return typeof asked === 'object' && asked !== null && 'query' in asked && Boolean(asked.query);
}
