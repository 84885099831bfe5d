import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import { type DocumentNode, GraphQLError, OperationTypeNode, parse } from 'graphql';
import type { RequestContext } from '../../resolvers/request-context.ts';
import type { Limits } from '../../src/config/limits.ts';
import { refusalOfDocument } from './document-limits.ts';
import { refusalOfOperation } from './operation-limits.ts';

/**
 * Holds requests over HTTP to their limits. What follows from a document alone is found out once, before it is validated;
 * Apollo Server then keeps it as valid, or keeps in its place one that stands for the refusal.
 */
export function limitsPlugin(limits: Limits): ApolloServerPlugin<RequestContext> {
  const refused = new WeakMap<DocumentNode, Error>();
  const listener: Awaited<ReturnType<NonNullable<ApolloServerPlugin<RequestContext>['requestDidStart']>>> = {
    validationDidStart: async (request) => {
      const refusal = refusalOfDocument(request.document, request.schema, limits);
      if (refusal === undefined) return;
      const standIn = parse('{ __typename }', { noLocation: true });
      refused.set(standIn, refusal);
      Object.assign(request, { document: standIn });
    },
    didResolveOperation: async ({ document, operation, request, schema }) => {
      const refusal = refused.get(document);
      if (refusal !== undefined) throw asRequestError(refusal);
      if (!operation) {
        if (typeof request.operationName === 'string') throw noOperation(request.operationName);
        return;
      }
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw noSubscriptions();
      const tooMuch = refusalOfOperation(schema, document, operation, request.variables, limits);
      if (tooMuch !== undefined) throw asRequestError(tooMuch);
    },
  };
  return { requestDidStart: async () => listener };
}

/** Nothing was begun, so that HTTP's own status may say that it went wrong. */
function asRequestError(refusal: Error): GraphQLError {
  if (refusal instanceof GraphQLError) return refusal;
  return new GraphQLError(refusal.message, { originalError: refusal, extensions: { http: { status: 400 } } });
}

/** Apollo Server executes the only operation that there is, and then wonders at its answer. */
function noOperation(name: string): GraphQLError {
  return new GraphQLError(`The document has no operation named "${name}".`, {
    extensions: { code: ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE, http: { status: 400 } },
  });
}

/** Over HTTP there is one answer to a request. */
function noSubscriptions(): GraphQLError {
  return new GraphQLError('Subscriptions are served by graphql-ws, at the same address.', {
    extensions: { code: ApolloServerErrorCode.BAD_REQUEST, http: { status: 400 } },
  });
}
