import { FeaturegraphError } from './errors.ts';

/**
 * An operation as a text, as what code generators make that turns into a text, or as a tree that holds the text it was read
 * from; its types may be in it. A bare tree has to be printed: give `connect` the `print` of the package `graphql`.
 */
export type TypedDocument<R, V> = (string | object) & { readonly __apiType?: (variables: V) => R };

export type PrintDocument = (tree: never) => string;

export function textOf(document: string | object, print?: PrintDocument): string {
  if (typeof document === 'string') return document;
  const { kind, loc } = document as { kind?: unknown; loc?: { source?: { body?: string } } };
  if (kind !== 'Document') return String(document);
  const text = print?.(document as never) ?? loc?.source?.body;
  if (text !== undefined) return text;
  throw new FeaturegraphError('INVALID_INPUT', 'The document is a tree without its text: connect with { print }.');
}
