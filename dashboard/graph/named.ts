import { makeOperation, mapExchange } from '@urql/core';
import { documentIds } from '../generated/document-ids.ts';
import { operationNameOf } from './fields-of.ts';

/**
 * Says of each document under which id a server knows it that serves this page, for one may run nothing else. The text goes
 * with it: a server of another version may know none of that id, and run texts.
 */
export const named = mapExchange({
  onOperation: (operation) => {
    const documentId = documentIds[operationNameOf(operation.query) ?? ''];
    if (documentId === undefined) return operation;
    const extensions = { ...operation.extensions, documentId };
    return makeOperation(operation.kind, { ...operation, extensions }, operation.context);
  },
});
