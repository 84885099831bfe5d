import { ApolloServerErrorCode } from '@apollo/server/errors';
import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { Configuration } from '../src/config/configuration.ts';
import { refusalOfDocument, refusalOfText } from './limits/document-limits.ts';
import { refusalOfOperation } from './limits/operation-limits.ts';

type Payload = {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
};

/** What to run, or why not. */
export type Prepared =
  | readonly GraphQLError[]
  | Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;

/** How many documents are kept as they were found. */
const most = 500;

/**
 * Reads operations that come by WebSocket, held to the same limits as those by HTTP. A document that is refused fails by
 * itself, and none of what else runs on its socket.
 */
export class SocketOperations {
  readonly #configuration: Pick<Configuration, 'limits' | 'web'>;
  readonly #known = new WeakMap<GraphQLSchema, Map<string, DocumentNode | readonly GraphQLError[]>>();

  constructor(configuration: Pick<Configuration, 'limits' | 'web'>) {
    this.#configuration = configuration;
  }

  prepare(schema: GraphQLSchema, { query, operationName, variables }: Payload): Prepared {
    const { limits } = this.#configuration;
    const tooLong = refusalOfText(query, limits);
    if (tooLong !== undefined) return [asError(tooLong)];
    const document = this.#document(schema, query);
    if (!('kind' in document)) return document;
    const operation = getOperationAST(document, operationName);
    if (operation) {
      const refusal = refusalOfOperation(schema, document, operation, variables, limits);
      if (refusal !== undefined) return [asError(refusal)];
    }
    return { schema, document, operationName, variableValues: variables };
  }

  #document(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
    const documents = this.#known.get(schema) ?? new Map<string, DocumentNode | readonly GraphQLError[]>();
    this.#known.set(schema, documents);
    const earlier = documents.get(query);
    if (earlier !== undefined) return earlier;
    const read = this.#read(schema, query);
    const [oldest] = documents.keys();
    if (documents.size >= most && oldest !== undefined) documents.delete(oldest);
    documents.set(query, read);
    return read;
  }

  #read(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
    const { limits, web } = this.#configuration;
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: limits.documentTokens });
    } catch (error) {
      return [asError(error)];
    }
    const refusal = refusalOfDocument(document, schema, limits);
    if (refusal !== undefined) return [asError(refusal)];
    const rules = web.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
    const errors = validate(schema, document, rules);
    return errors.length > 0 ? errors.map(invalid) : document;
  }
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
