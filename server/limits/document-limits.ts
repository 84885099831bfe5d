import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind } from 'graphql';
import type { Failure } from '../../providers/contract/failure.ts';
import type { Limits } from '../../src/config/limits.ts';
import { limitExceeded } from '../../src/limit-exceeded.ts';
import { measureDocument } from './document-measures.ts';

/** What is told of each measure of a document. */
const words = {
  fragments: 'fragments',
  depth: 'levels of fields',
  nesting: 'levels of lists and objects',
  aliases: 'aliases',
  rootFields: 'root fields',
  directives: 'directives',
  repeatedFields: 'fields that repeat another of their selection',
} as const;

/**
 * Why a document that has been parsed is not to be validated: it is larger than it may be, which validation could not bear
 * either, or asks for what the schema has none of. Follows from the document alone, so it is to be asked once of each.
 */
export function refusalOfDocument(
  document: DocumentNode,
  schema: GraphQLSchema,
  limits: Limits,
): Failure | GraphQLError | undefined {
  const measured = measureDocument(document, limits);
  for (const [measure, what] of Object.entries(words) as [keyof typeof words, string][]) {
    const [found, most] = [measured[measure], limits[measure]];
    if (found <= most) continue;
    const isDepth = measure === 'depth' || measure === 'nesting';
    return limitExceeded({
      path: 'query',
      what,
      found: isDepth ? 'more' : found,
      most,
      fix: 'Ask for less at a time.',
    });
  }
  return missingOperation(document, schema);
}

/** GraphQL.js finds this out when it executes, and tells it as a fault of its own. */
function missingOperation(document: DocumentNode, schema: GraphQLSchema): GraphQLError | undefined {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || schema.getRootType(definition.operation)) continue;
    return new GraphQLError(`This graph has no ${definition.operation}s.`, {
      nodes: definition,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } },
    });
  }
  return undefined;
}

/** Why a document's text is not to be parsed. */
export function refusalOfText(text: unknown, { documentBytes }: Limits): Failure | undefined {
  if (typeof text !== 'string' || text.length * 3 <= documentBytes) return undefined;
  const found = Buffer.byteLength(text);
  if (found <= documentBytes) return undefined;
  const fix = 'Send what is large as variables, or ask in several requests.';
  return limitExceeded({ path: 'query', what: 'bytes of GraphQL', found, most: documentBytes, fix });
}
