import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { z } from 'zod';
import { withDenialsRecorded } from '../../resolvers/denials.ts';
import type { RequestContext } from '../../resolvers/request-context.ts';
import type { DocumentsAllowed } from '../../src/config/configuration.ts';
import type { Limits } from '../../src/config/limits.ts';
import { answerText } from '../answer-text.ts';
import { compressedForPage } from '../compressed.ts';
import { isBulk, refusalOfOperation } from '../limits/operation-limits.ts';
import { isDocument } from '../limits/read-document.ts';
import { bodyTooLarge, bytesOf, preflightHeaders } from '../request-checks.ts';
import { RequestRefused } from '../request-refused.ts';
import { withinTime } from '../swapped-schema.ts';
import { type AskedDocument, askedDocument, hasText } from './asked-document.ts';
import { unknownDocument, untrustedDocument } from './document-refusals.ts';
import type { PreparedDocuments } from './prepared-documents.ts';

export type DocumentRouteOptions = {
  documents: PreparedDocuments;
  allowed: DocumentsAllowed;
  limits: Limits;
  schema: () => GraphQLSchema;
  context: (request: FastifyRequest, reply: FastifyReply) => Promise<RequestContext>;
  format: (error: GraphQLError) => GraphQLFormattedError;
};

const graphqlJson = 'application/graphql-response+json';

/** What a request has besides the id of its document. */
const details = z.object({
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

type AskedOperation = z.output<typeof details> & {
  schema: GraphQLSchema;
  document: DocumentNode | readonly GraphQLError[];
};

/**
 * Answers requests over HTTP that name a trusted document, as Apollo Server answers those with a text: but what follows from
 * the document alone was done when it was first asked for.
 */
export class DocumentRoute {
  readonly #options: DocumentRouteOptions;

  constructor(options: DocumentRouteOptions) {
    this.#options = options;
  }

  /**
   * Whether it has answered: not where the request brings a text, which is for Apollo Server. Fails with what names no
   * published document, and with any text where only those may run.
   */
  async took(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const { documents, allowed, schema: present } = this.#options;
    const given = request.method === 'GET' ? withJson(request.query) : request.body;
    const asked = askedDocument(given);
    if (asked === undefined) {
      if (allowed === 'trusted') throw untrustedDocument('/graphql');
      return false;
    }
    const schema = present();
    const document = await documents.findIfPublished(schema, asked.id);
    if (document === undefined) {
      const isOther = allowed === 'any' && hasText(given);
      if (!isOther) throw notPublished(asked, allowed);
      withoutHash(request);
      return false;
    }
    if (request.method === 'GET') refuseOfAnyPage(request);
    await this.#answer(request, reply, { schema, document, ...readAsked(given) });
    return true;
  }

  async #answer(request: FastifyRequest, reply: FastifyReply, asked: AskedOperation): Promise<FastifyReply> {
    const { limits, context, format } = this.#options;
    const { schema, document, operationName, variables } = asked;
    const isGet = request.method === 'GET';
    if (!isDocument(document)) return send(request, reply, 400, { errors: document.map(format) });
    const operation = getOperationAST(document, operationName);
    if (!operation) throw badRequest(`The document has no operation named "${operationName}".`, noOperation);
    refuseKind(operation, isGet, reply);
    const bytes = bytesOf(request);
    if (bytes > limits.bodyBytes && !isBulk(operation)) throw bodyTooLarge(bytes, limits.bodyBytes);
    const tooMuch = refusalOfOperation(schema, document, operation, variables, limits);
    if (tooMuch !== undefined) throw new RequestRefused(400, tooMuch.code, tooMuch);
    const contextValue = await context(request, reply);
    const result = execute({
      schema,
      document,
      contextValue,
      operationName: operationName ?? null,
      variableValues: variables ?? null,
    });
    const done = result instanceof Promise ? await withinTime(result, contextValue, limits.requestMs) : result;
    const { data, errors } = withDenialsRecorded(contextValue, done as ExecutionResult);
    const status = data === undefined ? 400 : 200;
    return send(request, reply, status, {
      ...(errors && { errors: errors.map(format) }),
      ...(data !== undefined && { data }),
    });
  }
}

const noOperation = 'OPERATION_RESOLUTION_FAILURE';

async function send(request: FastifyRequest, reply: FastifyReply, status: number, body: object): Promise<FastifyReply> {
  const type = request.headers.accept?.includes(graphqlJson) ? graphqlJson : 'application/json';
  const text = `${await answerText(body)}\n`;
  const bytes = await compressedForPage(request, text);
  if (bytes !== undefined) reply.header('content-encoding', 'gzip');
  return reply
    .code(status)
    .type(`${type}; charset=utf-8`)
    .send(bytes ?? text);
}

function readAsked(given: unknown): z.output<typeof details> {
  const read = details.safeParse(given);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new RequestRefused(400, 'BAD_REQUEST', {
    message: 'The request is not one of GraphQL.',
    issues,
    retryable: false,
  });
}

/** Clients that hash what they ask send the text next, once they hear this code; it is their word for a miss. */
function notPublished({ id, form }: AskedDocument, allowed: DocumentsAllowed): Error {
  const failure = unknownDocument(id);
  if (form === 'OWN' || allowed === 'trusted') return failure;
  const { issues, retryable } = failure;
  return new RequestRefused(200, 'PERSISTED_QUERY_NOT_FOUND', { message: 'PersistedQueryNotFound', issues, retryable });
}

/** The text stands for itself: its hash is nothing to Apollo Server. */
function withoutHash({ body, query }: FastifyRequest): void {
  for (const given of [body, query]) {
    if (typeof given === 'object' && given !== null) Reflect.deleteProperty(given, 'extensions');
  }
}

/** In an address, variables and extensions are JSON. */
function withJson(query: unknown): unknown {
  if (typeof query !== 'object' || query === null || !('documentId' in query || 'extensions' in query)) return query;
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      (name === 'variables' || name === 'extensions') && typeof value === 'string' ? parsed(name, value) : value,
    ]),
  );
}

function parsed(name: string, text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    throw badRequest(`"${name}" is no JSON.`);
  }
}

/** A GET without a header of its own could come from any page. */
function refuseOfAnyPage({ headers }: FastifyRequest): void {
  const isOurs =
    headers['content-type']?.startsWith('application/json') ||
    preflightHeaders.some((name) => headers[name] !== undefined);
  if (!isOurs)
    throw badRequest('A GET needs the header "apollo-require-preflight", so that no page of others sends it.');
}

function refuseKind({ operation }: OperationDefinitionNode, isGet: boolean, reply: FastifyReply): void {
  if (operation === OperationTypeNode.SUBSCRIPTION)
    throw badRequest('Subscriptions are served by graphql-ws, at the same address.');
  if (!isGet || operation === OperationTypeNode.QUERY) return;
  reply.header('allow', 'POST');
  throw new RequestRefused(405, 'BAD_REQUEST', {
    message: `GET requests only support query operations, not ${operation} operations`,
    issues: [],
    retryable: false,
  });
}

function badRequest(message: string, code = 'BAD_REQUEST'): RequestRefused {
  return new RequestRefused(400, code, { message, issues: [], retryable: false });
}
