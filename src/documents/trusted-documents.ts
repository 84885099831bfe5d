import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Limits } from '../config/limits.ts';
import { limitExceeded } from '../limit-exceeded.ts';
import type { ChangeFeed } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import { isStorable } from '../state/storable-text.ts';
import { type WriteTransaction, writeTransaction } from '../state/write-transaction.ts';
import { turn } from '../turns.ts';
import { documentIdOf, type GivenDocument, type OperationType, plainId, type TrustedDocument } from './document.ts';
import { deleteDocuments, insertDocuments, measureDocuments, readDocuments } from './document-store.ts';
import { ownDocument } from './own-documents.ts';

/** What the graph says of a document: what its one operation is, or everything that is wrong with it. */
export type CheckedDocument = { name: string | null; operation: OperationType } | readonly Issue[];

/** Holds texts to the graph as it is at one moment. */
export type DocumentCheck = (text: string) => CheckedDocument;

export type Published = { published: TrustedDocument[]; unchanged: TrustedDocument[] };

type Options = { database: Database; feed: ChangeFeed; limits: Pick<Limits, 'documents' | 'documentsBytes'> };

/** How soon after one look for what is not known here the next may come. */
const lookAgainMs = 1_000;

/** The documents that are published, from whichever process: all in memory, in step with the database. */
export class TrustedDocuments {
  readonly #options: Options;
  #known: ReadonlyMap<string, TrustedDocument> = new Map();
  #check: (() => Promise<DocumentCheck>) | undefined;
  #reading: Promise<void> = Promise.resolve();
  #queued = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #unsubscribe: () => void = () => {};

  constructor(options: Options) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#options.feed.subscribe('DOCUMENT', () => this.#readSoon());
    await this.#read();
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** A process that serves the graph says how documents are held to it. */
  checkWith(check: () => Promise<DocumentCheck>): void {
    this.#check = check;
  }

  /** By name and id. */
  list(): TrustedDocument[] {
    return [...this.#known.values()].toSorted(
      (one, other) => compareTexts(one.name ?? '', other.name ?? '') || compareTexts(one.id, other.id),
    );
  }

  get(id: string): TrustedDocument | undefined {
    return this.#known.get(id);
  }

  /** The text of a document. One that was published a moment ago in another process is looked for, but not all the time. */
  async textOf(asked: string): Promise<string | undefined> {
    const id = plainId(asked);
    const known = this.#known.get(id)?.text ?? ownDocument(id);
    if (known !== undefined || !/^[0-9a-f]{64}$/.test(id)) return known;
    if (performance.now() - this.#lookedAt > lookAgainMs) {
      this.#lookedAt = performance.now();
      this.#readSoon();
    }
    await this.#reading;
    return this.#known.get(id)?.text;
  }

  /**
   * Publishes all or none. Fails with INVALID_INPUT and everything that is wrong with any, and with LIMIT_EXCEEDED where
   * there would be too many.
   */
  async publish(given: readonly GivenDocument[], publishedBy: string): Promise<Published> {
    const documents = await this.#checked(given, publishedBy);
    const written = await writeTransaction(this.#options.database, async (trx) => {
      const published = await insertDocuments(trx, documents);
      await this.#refuseTooMany(trx);
      return published;
    });
    await this.#read();
    const fresh = new Set(written.map(({ id }) => id));
    const others = documents.filter(({ id }) => !fresh.has(id));
    return { published: written, unchanged: others.flatMap(({ id }) => this.#known.get(id) ?? []) };
  }

  /** Answers with the ids of those that were published; of the others fails with NOT_FOUND, and all stay. */
  async unpublish(asked: readonly string[]): Promise<string[]> {
    const ids = [...new Set(asked.map(plainId))];
    const gone = await writeTransaction(this.#options.database, async (trx) => {
      const deleted = new Set(await deleteDocuments(trx, ids.filter(isStorable)));
      const missing = ids.filter((id) => !deleted.has(id));
      if (missing.length === 0) return ids;
      const issues = missing.map((id) => ({
        path: `ids[${ids.indexOf(id)}]`,
        message: `no document ${id} is published`,
      }));
      throw new Failure('NOT_FOUND', 'Nothing was withdrawn: some of these are not published.', { issues });
    });
    await this.#read();
    return gone;
  }

  async #checked(
    given: readonly GivenDocument[],
    publishedBy: string,
  ): Promise<Omit<TrustedDocument, 'publishedAt'>[]> {
    const { documents: most } = this.#options.limits;
    if (given.length > most) throw limitExceeded({ path: 'documents', what: 'documents', found: given.length, most });
    const check = await this.#check?.();
    if (check === undefined) throw new TypeError('documents are published where the graph is served');
    const issues: Issue[] = [];
    const documents = new Map<string, Omit<TrustedDocument, 'publishedAt'>>();
    for (const [at, { id: asked, text }] of given.entries()) {
      await turn();
      const id = plainId(asked);
      const checked = id === documentIdOf(text) ? check(text) : [wrongId];
      if ('operation' in checked) documents.set(id, { id, text, publishedBy, ...checked });
      else issues.push(...checked.map((issue) => ({ ...issue, path: `documents[${at}].${issue.path}` })));
    }
    if (issues.length > 0)
      throw new Failure('INVALID_INPUT', 'Nothing was published: the documents have issues.', { issues });
    return [...documents.values()];
  }

  async #refuseTooMany(trx: WriteTransaction): Promise<void> {
    const { documents, documentsBytes } = this.#options.limits;
    const { count, bytes } = await measureDocuments(trx);
    const fix = 'Withdraw those that no client asks for any more, with unpublishDocuments.';
    if (count > documents) throw tooMany('published documents', count, documents, 'FEATUREGRAPH_LIMIT_DOCUMENTS', fix);
    if (bytes > documentsBytes)
      throw tooMany('bytes of published documents', bytes, documentsBytes, 'FEATUREGRAPH_LIMIT_DOCUMENTS_BYTES', fix);
  }

  /** A burst of changes becomes one or two readings. */
  #readSoon(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#reading = this.#reading.then(async () => {
      this.#queued = false;
      // What a passing fault hides now, the next change or look shows.
      await this.#read().catch(() => undefined);
    });
  }

  async #read(): Promise<void> {
    const documents = await readDocuments(this.#options.database.kysely);
    this.#known = new Map(documents.map((document) => [document.id, document]));
  }
}

const wrongId: Issue = {
  path: 'id',
  message: 'is not the SHA-256 of its text',
  fix: 'Let the tool that writes the manifest hash with sha256, and leave the texts as it wrote them.',
};

function tooMany(what: string, found: number, most: number, setting: string, fix: string): Failure {
  return new Failure('LIMIT_EXCEEDED', `A server has ${most.toLocaleString('en')} ${what} at most.`, {
    issues: [
      { path: 'documents', message: `would be ${found.toLocaleString('en')}`, fix: `${fix} Or raise ${setting}.` },
    ],
  });
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
