import { documentIdOf } from './document.ts';

/**
 * What the command line asks of documents and sealed secrets. Every server knows these by their ids, for otherwise one that runs trusted
 * documents alone could never be given the first.
 */
export const ownDocuments = {
  publish: `mutation PublishDocuments($documents: [DocumentInput!]!) {
  publishDocuments(documents: $documents) { published { documentId name } unchanged { documentId } }
}`,
  unpublish: `mutation UnpublishDocuments($ids: [String!]!) {
  unpublishDocuments(ids: $ids)
}`,
  list: `query Documents($first: Int, $after: String) {
  documents(first: $first, after: $after) {
    edges { node { documentId name operation publishedBy publishedAt } }
    pageInfo { hasNextPage endCursor }
  }
}`,
  reseal: `mutation ResealSecrets {
  resealSecrets { resealed unopened }
}`,
} as const;

const texts = new Map(Object.values(ownDocuments).map((text) => [documentIdOf(text), text]));

export function ownDocument(id: string): string | undefined {
  return texts.get(id);
}
