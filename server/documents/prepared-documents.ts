import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql';
import type { Configuration } from '../../src/config/configuration.ts';
import { plainId } from '../../src/documents/document.ts';
import type { TrustedDocuments } from '../../src/documents/trusted-documents.ts';
import { readDocument } from '../limits/read-document.ts';

type Read = DocumentNode | readonly GraphQLError[];

/** How many documents are kept as they were read, for each schema. */
const most = 2_000;

/**
 * Trusted documents as they run: read, measured and validated once for each schema, and so again after the registry has
 * changed it. One that no longer fits what is registered says so, and is tried again on the next schema.
 */
export class PreparedDocuments {
  readonly #documents: TrustedDocuments;
  readonly #configuration: Pick<Configuration, 'limits' | 'web'>;
  readonly #served: ReadonlyMap<string, string>;
  readonly #read = new WeakMap<GraphQLSchema, Map<string, Read>>();

  /** `served` are the documents of pages that the server serves itself, by their ids: nobody has to publish them. */
  constructor(
    documents: TrustedDocuments,
    configuration: Pick<Configuration, 'limits' | 'web'>,
    served: ReadonlyMap<string, string>,
  ) {
    this.#documents = documents;
    this.#configuration = configuration;
    this.#served = served;
  }

  /** Undefined where none is published or served under that id. */
  async findIfPublished(schema: GraphQLSchema, id: string): Promise<Read | undefined> {
    const text = this.#served.get(plainId(id)) ?? (await this.#documents.textOf(id));
    if (text === undefined) return undefined;
    const kept = this.#read.get(schema) ?? new Map<string, Read>();
    this.#read.set(schema, kept);
    const earlier = kept.get(text);
    if (earlier !== undefined) return earlier;
    const read = readDocument(schema, text, this.#configuration);
    const [oldest] = kept.keys();
    if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
    kept.set(text, read);
    return read;
  }
}
