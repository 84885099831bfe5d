import { ApolloServerErrorCode } from '@apollo/server/errors';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../providers/contract/failure.ts';
import type { Limits } from '../src/config/limits.ts';
import { bodyTooLarge } from './request-checks.ts';
import { challenge, RequestRefused } from './request-refused.ts';

/** What is refused before GraphQL sees it (too large, no JSON, from elsewhere) is so in the form of GraphQL's errors. */
export function answerRefusals(server: FastifyInstance, limits: Limits): void {
  server.setErrorHandler((error: FastifyError | Failure | RequestRefused, request, reply) => {
    const refusal = refusalOf(error, limits);
    if (refusal.statusCode >= 500) request.log.error({ error }, 'a defect');
    if (refusal.statusCode === 401) reply.header('www-authenticate', challenge);
    return answer(reply, refusal);
  });
  server.setNotFoundHandler((_request, reply) => {
    const extensions = { code: 'NOT_FOUND', retryable: false };
    return reply.code(404).send({ errors: [{ message: 'There is nothing at this address.', extensions }] });
  });
}

/**
 * What Fastify refuses before it knows a route, and so before all hooks. Its own words, as any of an address that can't be
 * read, repeat the address, in which a ticket may be.
 */
export function refuseAddress(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const isLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
  const message = isLong ? 'A part of this address is too long.' : 'This address can not be read.';
  const failure = { message, issues: [], retryable: false };
  answer(reply, new RequestRefused(isLong ? 414 : 400, ApolloServerErrorCode.BAD_REQUEST, failure));
}

function answer(reply: FastifyReply, { statusCode, code, failure }: RequestRefused): FastifyReply {
  const { message, issues, retryable } = failure;
  const extensions = { code, retryable, ...(issues.length > 0 && { issues }) };
  return reply.code(statusCode).send({ errors: [{ message, extensions }] });
}

const statuses: Partial<Record<Failure['code'], number>> = {
  LIMIT_EXCEEDED: 413,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
};

function refusalOf(error: FastifyError | Failure | RequestRefused, limits: Limits): RequestRefused {
  if (error instanceof RequestRefused) return error;
  if (error instanceof Failure) return new RequestRefused(statuses[error.code] ?? 400, error.code, error);
  const status = error.statusCode ?? 500;
  if (status === 413) return new RequestRefused(413, 'LIMIT_EXCEEDED', bodyTooLarge('more', limits.bulkBodyBytes));
  const told = status < 500 ? error.message : 'Something went wrong inside featuregraph. Its log says what.';
  const code = status < 500 ? ApolloServerErrorCode.BAD_REQUEST : 'INTERNAL';
  return new RequestRefused(status, code, { message: told, issues: [], retryable: false });
}
