import { operationTexts } from './generated/operations.ts';

/** What stands for a document in a request; graphql-ws wants a query in any case. A caller's own document is sent as it is. */
export function sentDocument(
  query: string,
  ids: Readonly<Record<string, string>> | undefined,
): { query: string; documentId?: string } {
  if (ids === undefined) return { query };
  const name = /^(?:query|mutation|subscription) (\w+)/.exec(query)?.[1] ?? '';
  const isOwn = (operationTexts as Readonly<Record<string, string>>)[name] === query;
  const documentId = isOwn ? ids[name] : undefined;
  return documentId === undefined ? { query } : { query: '', documentId };
}
