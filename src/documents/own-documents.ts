import { documentIdOf } from './document.ts';

/**
 * What the command line asks that no client asks: of documents, of sealed secrets, and to find what is wrong. Every server knows these by their ids, for otherwise one that runs trusted
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
  examine: `query Examine($first: Int, $after: String) {
  featureViews(first: $first, after: $after) {
    edges { node { id ref schedule updatedAt materializations(first: 1) { writtenAt } } }
    pageInfo { hasNextPage endCursor }
  }
}`,
  latestMaterialization: `query LatestMaterialization($view: ID!) {
  jobs(first: 1, filter: { resource: $view, kinds: [MATERIALIZE] }) {
    edges { node { id state createdAt error { message } } }
  }
}`,
  namedSecrets: `query NamedSecrets($first: Int, $after: String) {
  providers(first: $first, after: $after) {
    edges { node { ref definition } }
    pageInfo { hasNextPage endCursor }
  }
}`,
} as const;

const texts = new Map(Object.values(ownDocuments).map((text) => [documentIdOf(text), text]));

export function ownDocument(id: string): string | undefined {
  return texts.get(id);
}
