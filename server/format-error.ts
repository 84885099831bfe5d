import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Failure, type Issue } from '../providers/contract/failure.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import { registryFailure } from '../src/state/registry-failure.ts';

/** Codes that GraphQL itself gives to requests that it can't run; ours are in `failureCodes`. */
export const requestCodes = [
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.BAD_USER_INPUT,
  ApolloServerErrorCode.BAD_REQUEST,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_FOUND,
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
  const thrown = causeOf(error);
  const cause = tooMuch(thrown) ?? registryFailure(thrown) ?? thrown;
  if (cause instanceof Failure) {
    const issues: readonly Issue[] = cause.issues;
    if (cause.code === 'INTERNAL') logger.error({ error: cause }, 'a defect');
    if (cause !== thrown && cause.code !== 'LIMIT_EXCEEDED')
      logger.error({ error: thrown }, 'the registry does not serve');
    const { code, provider, retryable } = cause;
    const more = Math.max(0, issues.length - mostIssues);
    const extensions = {
      code,
      retryable,
      ...(issues.length > 0 && { issues: issues.slice(0, mostIssues).map(shortenedIssue) }),
      ...(more > 0 && { moreIssues: more }),
      ...(provider !== undefined && { provider }),
    };
    const others = more > 0 ? ` There are ${more} more issues than are told.` : '';
    return { message: `${shortened(cause.message)}${others}`, ...place, extensions };
  }
  const told = formatted.extensions?.code;
  // What GraphQL.js refuses when it begins to execute, Apollo Server takes for a defect.
  const code = (requestCodes as readonly unknown[]).includes(told) ? told : codeOfRequest(error);
  if ((requestCodes as readonly unknown[]).includes(code))
    return { message: shortened(withoutSealed(formatted.message)), ...place, extensions: { code } };
  logger.error({ error: cause }, 'a defect');
  return {
    message: 'Something went wrong inside featuregraph. Its log says what.',
    ...place,
    extensions: { code: 'INTERNAL', retryable: false },
  };
}

/** What was thrown, beneath what GraphQL.js and Apollo Server have wrapped around it. */
function causeOf(error: unknown): unknown {
  let cause = unwrapResolverError(error);
  while (cause instanceof GraphQLError && cause.originalError !== undefined) {
    const { originalError } = cause;
    const isOurs = originalError instanceof Failure || originalError instanceof RangeError;
    if (!isOurs && !(originalError instanceof GraphQLError)) break;
    cause = originalError;
  }
  return cause;
}

/** Over WebSocket nobody has set the code of a request that does not parse or validate: it was never executed. */
function codeOfRequest(error: unknown): ApolloServerErrorCode | undefined {
  const { message = '', nodes, originalError, path } = error as Partial<GraphQLError>;
  if (path !== undefined) return undefined;
  if (/^Syntax Error/.test(message)) return ApolloServerErrorCode.GRAPHQL_PARSE_FAILED;
  // Its original error is what the scalar's own reading said.
  if (/^Variable "|^Too many errors processing variables/.test(message)) return ApolloServerErrorCode.BAD_USER_INPUT;
  if (message === 'Unable to identify operation') return ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE;
  return nodes === undefined || originalError !== undefined
    ? undefined
    : ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED;
}

/** What a client sent may be in what it is told, but not all of a megabyte. */
const longestMessage = 1_000;

/** How many issues are told: whoever has more mends these first. */
const mostIssues = 100;

/** GraphQL.js repeats the value that it refuses, and a secret may be in it, or be what stands in a secret's place. */
function withoutSealed(message: string): string {
  const isOfSecret = /"SecretInput"|\b(?:sealed|password|apiKey|url)\b/.test(message);
  if (!isOfSecret || !/ got invalid value |^Expected value of type |^Value .* must be |found /s.test(message))
    return message;
  const place = /^Variable "\$\w+"/.exec(message)?.[0] ?? 'A value';
  const [, at, reason] =
    /(?: at "(\w+[\w.[\]]*)")?; (Field "\w+" is not defined by type "\w+"|Exactly one key must be specified for OneOf type "\w+"|Field "\w+" must be non-null|Expected type "\w+" to be an object|Field "\w+" of required type "[\w![\]]+" was not provided)\.[^;]*$/.exec(
      message,
    ) ?? [];
  // Names of fields and places in lists, as the schema has them: nothing that a client has written.
  const where = at === undefined ? '' : ` at "${at}"`;
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${place} is not valid${where}, in or beside a secret, so that it isn't repeated here${why}.`;
}

function shortened(text: string): string {
  if (text.length <= longestMessage) return text;
  return `${text.slice(0, longestMessage).toWellFormed()}… (${text.length} characters)`;
}

function shortenedIssue({ path, message, fix }: Issue): Issue {
  return { path: shortened(path), message: shortened(message), ...(fix !== undefined && { fix: shortened(fix) }) };
}

/** What is too deep for the stack, and has more tokens than are read: both are found out by reading it. */
function tooMuch(error: unknown): Failure | undefined {
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    const issue = { path: 'query', message: 'lies too deep in itself', fix: 'Send less that lies in one another.' };
    return new Failure('LIMIT_EXCEEDED', 'The request is too deep to be read.', { issues: [issue] });
  }
  if (!(error instanceof GraphQLError)) return undefined;
  const most = /^Syntax Error: Document contains more tha[nt] (\d+) tokens/.exec(error.message)?.[1];
  if (most === undefined) return undefined;
  const fix = 'Send what is large as variables, or ask in several requests.';
  return limitExceeded({ path: 'query', what: 'tokens of GraphQL', found: 'more', most: Number(most), fix });
}
