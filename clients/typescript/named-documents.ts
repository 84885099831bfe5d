import { documentIds } from './generated/document-ids.ts';
import { operationTexts } from './generated/operations.ts';

/** How the client's own documents are sent: as they are, or by ids under which the server has them published. */
export type DocumentsSent = 'texts' | 'ids';

const texts: Readonly<Record<string, string>> = operationTexts;

/** What stands for a document in a request; graphql-ws wants a query in any case. Others than the client's own have no id. */
export function sentDocument(query: string, sent: DocumentsSent = 'texts'): { query: string; documentId?: string } {
  const name = sent === 'ids' ? /^(?:query|mutation|subscription) (\w+)/.exec(query)?.[1] : undefined;
  const documentId = name !== undefined && texts[name] === query ? documentIds[name] : undefined;
  return documentId === undefined ? { query } : { query: '', documentId };
}
