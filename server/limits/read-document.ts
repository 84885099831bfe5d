import { ApolloServerErrorCode } from '@apollo/server/errors';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Configuration } from '../../src/config/configuration.ts';
import { refusalOfDocument } from './document-limits.ts';

/** A document that may run on a schema, or everything that is wrong with it. */
export function readDocument(
  schema: GraphQLSchema,
  text: string,
  { limits, web }: Pick<Configuration, 'limits' | 'web'>,
): DocumentNode | readonly GraphQLError[] {
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.documentTokens });
  } catch (error) {
    return [asError(error)];
  }
  const refusal = refusalOfDocument(document, schema, limits);
  if (refusal !== undefined) return [asError(refusal)];
  const rules = web.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const errors = validate(schema, document, rules);
  return errors.length > 0 ? errors.map(invalid) : document;
}

export function isDocument(read: DocumentNode | readonly GraphQLError[]): read is DocumentNode {
  return 'kind' in read;
}

/** As Apollo Server tells it over HTTP. */
function invalid({ message, nodes }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { code: ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED },
  });
}

export function asError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const own = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(own.message, { originalError: own });
}
