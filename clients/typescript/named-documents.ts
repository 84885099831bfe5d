import { documentIds } from './generated/document-ids.ts';

/** How the client's own documents are sent: as they are, or by ids under which the server has them published. */
export type DocumentsSent = 'texts' | 'ids';

/** What stands for a document in a request; graphql-ws wants a query in any case. */
export function sentDocument(query: string, sent: DocumentsSent = 'texts'): { query: string; documentId?: string } {
  const name = /^(?:query|mutation|subscription) (\w+)/.exec(query)?.[1];
  const documentId = sent === 'ids' && name !== undefined ? documentIds[name] : undefined;
  return documentId === undefined ? { query } : { query: '', documentId };
}
