import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { Failure, type Issue } from '../providers/contract/failure.ts';
import { registryFailure } from '../src/state/registry-failure.ts';

/** Codes that GraphQL itself gives to requests that it can't run; ours are in `failureCodes`. */
export const requestCodes = [
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.BAD_USER_INPUT,
  ApolloServerErrorCode.BAD_REQUEST,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
] as const;

export type ErrorLogger = { error(fields: object, message: string): void };

/**
 * An error as a user sees it, over HTTP and WebSocket alike: a code of the closed list, and the issues of bad input.
 * A defect is logged whole and reaches the user without its text.
 */
export function formatError(
  error: unknown,
  formatted: GraphQLFormattedError,
  logger: ErrorLogger,
): GraphQLFormattedError {
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  const thrown = unwrapResolverError(error);
  const cause = registryFailure(thrown) ?? thrown;
  if (cause instanceof Failure) {
    const issues: readonly Issue[] = cause.issues;
    if (cause.code === 'INTERNAL') logger.error({ error: cause }, 'a defect');
    if (cause !== thrown) logger.error({ error: thrown }, 'the registry does not serve');
    const { code, provider, retryable } = cause;
    const extensions = {
      code,
      retryable,
      ...(issues.length > 0 && { issues }),
      ...(provider !== undefined && { provider }),
    };
    return { message: cause.message, ...place, extensions };
  }
  const code = formatted.extensions?.code ?? codeOfRequest(error);
  if ((requestCodes as readonly unknown[]).includes(code))
    return { message: formatted.message, ...place, extensions: { code } };
  logger.error({ error: cause }, 'a defect');
  return {
    message: 'Something went wrong inside featuregraph. Its log says what.',
    ...place,
    extensions: { code: 'INTERNAL', retryable: false },
  };
}

/** Over WebSocket nobody has set the code of a request that does not parse or validate: it was never executed. */
function codeOfRequest(error: unknown): ApolloServerErrorCode | undefined {
  const { message = '', nodes, originalError, path } = error as Partial<GraphQLError>;
  if (path !== undefined) return undefined;
  if (/^Syntax Error/.test(message)) return ApolloServerErrorCode.GRAPHQL_PARSE_FAILED;
  // Its original error is what the scalar's own reading said.
  if (/^Variable "/.test(message)) return ApolloServerErrorCode.BAD_USER_INPUT;
  if (message === 'Unable to identify operation') return ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE;
  return nodes === undefined || originalError !== undefined
    ? undefined
    : ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED;
}
