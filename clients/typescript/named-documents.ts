import { documentIds } from './generated/document-ids.ts';
import { operationTexts } from './generated/operations.ts';

/** How the client's own documents are sent: as they are, or by ids under which the server has them published. */
export type DocumentsSent = 'texts' | 'ids';

/** What stands for a document in a request; graphql-ws wants a query in any case. A caller's own document is sent as it is. */
export function sentDocument(query: string, sent: DocumentsSent = 'texts'): { query: string; documentId?: string } {
  const name = /^(?:query|mutation|subscription) (\w+)/.exec(query)?.[1] ?? '';
  const isOwn = sent === 'ids' && (operationTexts as Readonly<Record<string, string>>)[name] === query;
  const documentId = isOwn ? documentIds[name] : undefined;
  return documentId === undefined ? { query } : { query: '', documentId };
}
