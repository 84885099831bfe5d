import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getOperationAST, parse } from 'graphql';
import type { Failure } from '../providers/contract/failure.ts';
import type { Limits } from '../src/config/limits.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import { refusalOfText } from './limits/document-limits.ts';
import { isBulk } from './limits/operation-limits.ts';

/** Either of these other pages can't send without asking first, so Apollo Server asks for one with what any page could send. */
export const preflightHeaders = ['apollo-require-preflight', 'x-apollo-operation-name'] as const;

/** How many bytes a request's body had: most say so themselves, of the others they are counted. */
const counted = new WeakMap<FastifyRequest, { bytes: number }>();

export function countBodies(server: FastifyInstance): void {
  server.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.headers['content-length'] === undefined) {
      const count = { bytes: 0 };
      counted.set(request, count);
      payload.on('data', (chunk: Buffer) => {
        count.bytes += chunk.length;
      });
    }
    done(null, payload);
  });
}

/** Fails with LIMIT_EXCEEDED where a request of GraphQL is too large, before anything of it is read. */
export function checkSize(request: FastifyRequest, limits: Limits): void {
  const { query, operationName } = asked(request);
  const refusal = refusalOfText(query, limits);
  if (refusal !== undefined) throw refusal;
  const bytes = bytesOf(request);
  if (bytes > limits.bodyBytes && !asksForBulk(query, operationName, limits))
    throw bodyTooLarge(bytes, limits.bodyBytes);
}

/** How large a request's body is. */
export function bytesOf(request: FastifyRequest): number {
  return Number(request.headers['content-length'] ?? counted.get(request)?.bytes ?? 0);
}

type Asked = { query?: unknown; operationName?: unknown };

function asked({ body, query }: FastifyRequest): Asked {
  const held = body ?? query;
  return typeof held === 'object' && held !== null ? held : {};
}

/** Only of bodies that are larger than others may be: its document is small, or was refused. */
function asksForBulk(query: unknown, operationName: unknown, { documentTokens }: Limits): boolean {
  if (typeof query !== 'string') return false;
  try {
    const document = parse(query, { noLocation: true, maxTokens: documentTokens });
    const operation = getOperationAST(document, typeof operationName === 'string' ? operationName : undefined);
    return operation !== null && operation !== undefined && isBulk(operation);
  } catch {
    return false;
  }
}

export function bodyTooLarge(found: number | string, most: number): Failure {
  const fix = 'Send less at a time. Only pushes, retrievals and definitions may be larger.';
  return limitExceeded({ path: 'body', what: 'bytes', found, most, fix });
}
