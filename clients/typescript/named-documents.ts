import { operationTexts } from './generated/operations.ts';
import { jsonForm } from './json-form.ts';

export type SentOperation = { query: string; documentId?: string; variables?: unknown };

/**
 * An operation as it is sent; graphql-ws wants a query also where an id stands for it. A caller's own document is sent as
 * it is.
 */
export function sentOperation(
  query: string,
  variables: unknown,
  ids: Readonly<Record<string, string>> = {},
): SentOperation {
  const [name = ''] = Object.entries(operationTexts).find(([, text]) => text === query) ?? [];
  const documentId = ids[name];
  return {
    ...(documentId === undefined ? { query } : { query: '', documentId }),
    ...(variables !== undefined && { variables: jsonForm(variables) }),
  };
}
