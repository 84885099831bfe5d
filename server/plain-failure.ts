import type { FastifyReply } from 'fastify';
import { Failure } from '../providers/contract/failure.ts';
import { registryFailure } from '../src/state/registry-failure.ts';
import type { ErrorLogger } from './format-error.ts';
import { challenge, RequestRefused } from './request-refused.ts';

const statuses: Partial<Record<Failure['code'], number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  INVALID_INPUT: 400,
  UNSUPPORTED: 400,
  LIMIT_EXCEEDED: 413,
  SCHEMA_MISMATCH: 422,
  NOT_READY: 503,
  UNAVAILABLE: 503,
  TIMEOUT: 504,
};

/** What failed at an address that is no GraphQL: in the words and codes that it has there, with HTTP's status. */
function plainFailure(thrown: unknown, logger: ErrorLogger) {
  if (thrown instanceof RequestRefused) {
    const { statusCode: status, code, failure } = thrown;
    const { message, issues, retryable } = failure;
    return { status, body: { code, message, issues, retryable } };
  }
  const error = registryFailure(thrown) ?? thrown;
  if (!(error instanceof Failure)) {
    logger.error({ error }, 'a defect');
    const message = 'Something went wrong inside featuregraph. Its log says what.';
    return { status: 500, body: { code: 'INTERNAL', message, issues: [], retryable: false } };
  }
  const { code, message, issues, retryable } = error;
  return { status: statuses[code] ?? 500, body: { code, message, issues, retryable } };
}

/** `more` adds to what is told, by the message. */
export function answerPlainFailure(
  reply: FastifyReply,
  thrown: unknown,
  logger: ErrorLogger,
  more: (message: string) => object = () => ({}),
): FastifyReply {
  const { status, body } = plainFailure(thrown, logger);
  if (status === 401) reply.header('www-authenticate', challenge);
  return reply.code(status).send({ ...more(body.message), ...body });
}
