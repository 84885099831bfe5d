import type { Kysely, Transaction } from 'kysely';
import type { ChangeFeed } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import type { StateTables } from '../state/tables.ts';
import { Catalog, type Resource } from './catalog.ts';
import { edgesAmong } from './edges.ts';
import { readResources, readRevisions } from './resource-store.ts';

/**
 * Keeps a catalog in step with the database: whenever the registry changes, in any process, it reads the resources
 * whose revision is new, and no others.
 */
export class CatalogReader {
  readonly #database: Database;
  readonly #feed: ChangeFeed;
  readonly #listeners = new Set<(catalog: Catalog) => void>();
  #known = new Map<string, Resource & { revision: number }>();
  #catalog = new Catalog([], []);
  #running: Promise<void> = Promise.resolve();
  #queued = false;
  #unsubscribe: () => void = () => {};

  constructor(database: Database, feed: ChangeFeed) {
    this.#database = database;
    this.#feed = feed;
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#feed.subscribe('RESOURCE', () => this.#refreshSoon());
    await this.refresh();
  }

  stop(): void {
    this.#unsubscribe();
  }

  onChange(listener: (catalog: Catalog) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The current catalog; the same object as before when nothing changed. Inside a transaction, as that sees it. */
  async refresh(db: Kysely<StateTables> | Transaction<StateTables> = this.#database.kysely): Promise<Catalog> {
    const before = this.#catalog;
    const revisions = await readRevisions(db);
    const stale = [...revisions]
      .filter(([id, revision]) => this.#known.get(id)?.revision !== revision)
      .map(([id]) => id);
    const gone = [...this.#known.keys()].filter((id) => !revisions.has(id));
    if (stale.length === 0 && gone.length === 0) return this.#catalog;
    const fresh = await readResources(db, stale);
    // Another refresh ended meanwhile, and may have seen more than this one.
    if (this.#catalog !== before) return this.refresh(db);
    const known = new Map(this.#known);
    for (const resource of fresh) known.set(resource.id, resource);
    for (const id of gone) known.delete(id);
    const resources = [...known.values()];
    this.#known = known;
    this.#catalog = new Catalog(resources, edgesAmong(resources));
    for (const listener of this.#listeners) listener(this.#catalog);
    return this.#catalog;
  }

  /** A burst of changes becomes one or two reads. */
  #refreshSoon(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#running = this.#running.then(async () => {
      this.#queued = false;
      // What a passing fault hides now, the next change or write shows.
      await this.refresh().catch(() => undefined);
    });
  }
}
