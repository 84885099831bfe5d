import { type DocumentNode, type ExecutionArgs, type GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Configuration } from '../src/config/configuration.ts';
import { askedDocument, hasText } from './documents/asked-document.ts';
import { unknownDocument, untrustedDocument } from './documents/document-refusals.ts';
import type { PreparedDocuments } from './documents/prepared-documents.ts';
import { refusalOfText } from './limits/document-limits.ts';
import { refusalOfOperation } from './limits/operation-limits.ts';
import { asError, isDocument, readDocument } from './limits/read-document.ts';

type Payload = {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
  extensions?: Record<string, unknown> | null | undefined;
};

type Settings = Pick<Configuration, 'limits' | 'web' | 'documents'>;

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
  readonly #configuration: Settings;
  readonly #trusted: PreparedDocuments;
  readonly #known = new WeakMap<GraphQLSchema, Map<string, DocumentNode | readonly GraphQLError[]>>();

  constructor(configuration: Settings, trusted: PreparedDocuments) {
    this.#configuration = configuration;
    this.#trusted = trusted;
  }

  async prepare(schema: GraphQLSchema, payload: Payload): Promise<Prepared> {
    const { operationName, variables } = payload;
    const { limits } = this.#configuration;
    const document = await this.#documentOf(schema, payload);
    if (!isDocument(document)) return document;
    const operation = getOperationAST(document, operationName);
    if (operation) {
      const refusal = refusalOfOperation(schema, document, operation, variables, limits);
      if (refusal !== undefined) return [asError(refusal)];
    }
    return { schema, document, operationName, variableValues: variables };
  }

  /** The one that is named; where that is not published, the text, if one came with it and may run. */
  async #documentOf(schema: GraphQLSchema, payload: Payload): Promise<DocumentNode | readonly GraphQLError[]> {
    const { limits, documents } = this.#configuration;
    const asked = askedDocument(payload);
    const trusted = asked && (await this.#trusted.findIfPublished(schema, asked.id));
    if (trusted !== undefined) return trusted;
    const isAny = documents.graph === 'any';
    if (asked !== undefined && !(isAny && hasText(payload))) return [asError(unknownDocument(asked.id))];
    if (!isAny) return [asError(untrustedDocument('/graphql'))];
    const tooLong = refusalOfText(payload.query, limits);
    return tooLong === undefined ? this.#document(schema, payload.query) : [asError(tooLong)];
  }

  #document(schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] {
    const documents = this.#known.get(schema) ?? new Map<string, DocumentNode | readonly GraphQLError[]>();
    this.#known.set(schema, documents);
    const earlier = documents.get(query);
    if (earlier !== undefined) return earlier;
    const read = readDocument(schema, query, this.#configuration);
    const [oldest] = documents.keys();
    if (documents.size >= most && oldest !== undefined) documents.delete(oldest);
    documents.set(query, read);
    return read;
  }
}
