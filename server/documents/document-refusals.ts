import { Failure } from '../../providers/contract/failure.ts';

const publish = 'Publish the manifest that it is in: featuregraph documents publish FILE --url http://this.server:4000';

/** What was named is not published, at any process. */
export function unknownDocument(id: string): Failure {
  const message = 'is the id of no document that is published';
  return new Failure('DOCUMENT_NOT_FOUND', `No document "${id.slice(0, 100)}" is published.`, {
    issues: [{ path: 'documentId', message, fix: publish }],
  });
}

/** A text came where only what is published may run. */
export function untrustedDocument(path: '/graphql' | '/subgraph'): Failure {
  const message = 'is a document of its own';
  const fix =
    path === '/graphql'
      ? `Send the id of a published document, as documentId. ${publish}`
      : 'Start the server with FEATUREGRAPH_SUBGRAPH_DOCUMENTS=any, where gateways are to ask it.';
  const words = 'This server runs trusted documents only: it answers no other, so no introspection and no playground.';
  return new Failure('DOCUMENT_NOT_TRUSTED', words, { issues: [{ path: 'query', message, fix }] });
}
