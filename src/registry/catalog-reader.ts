import type { ChangeFeed } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import { Catalog } from './catalog.ts';
import { edgesAmong } from './edges.ts';
import {
  type Reader,
  type RegistryDigest,
  type Revised,
  readDigest,
  readResources,
  readRevisions,
} from './resource-store.ts';

type Known = ReadonlyMap<string, Revised>;

/**
 * Keeps a catalog in step with the database: whenever the registry changes, in any process, it reads the resources
 * whose revision is new, and no others.
 */
export class CatalogReader {
  readonly #database: Database;
  readonly #feed: ChangeFeed;
  readonly #listeners = new Set<(catalog: Catalog) => void>();
  readonly #known = new Map<string, Revised>();
  #digest: RegistryDigest = { count: 0, newest: 0, revisions: 0 };
  /** Ids of what the feed says has changed since the last refresh. */
  readonly #said = new Set<string>();
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
    this.#unsubscribe = this.#feed.subscribe('RESOURCE', ({ subject }) => {
      this.#said.add(subject);
      void this.caughtUp();
    });
    await this.refresh();
  }

  stop(): void {
    this.#unsubscribe();
  }

  onChange(listener: (catalog: Catalog) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What this process has just written: the feed will say so later. */
  wrote(ids: Iterable<string>): void {
    for (const id of ids) this.#said.add(id);
  }

  /**
   * The current catalog; the same object as before when nothing changed. Inside a transaction, as that sees it. Of a large
   * registry it reads no more than what is said to have changed, unless that turns out not to be all.
   */
  async refresh(db: Reader = this.#database.kysely): Promise<Catalog> {
    const before = this.#catalog;
    const said = [...this.#said];
    this.#said.clear();
    const now = await readDigest(db);
    if (sameDigest(now, this.#digest)) return this.#catalog;
    const changed = (await this.#changedAmong(db, said, now)) ?? (await this.#changedSince(db));
    // Another refresh ended meanwhile, and may have seen more than this one.
    if (this.#catalog !== before) return this.refresh(db);
    this.#take(changed);
    return this.#catalog;
  }

  /** What changed, if it is all among what was said to have; otherwise undefined. */
  async #changedAmong(db: Reader, said: readonly string[], now: RegistryDigest): Promise<Changed | undefined> {
    if (said.length === 0) return undefined;
    const fresh = await readResources(db, said);
    const found = new Set(fresh.map(({ id }) => id));
    const gone = said.filter((id) => !found.has(id));
    const changed = { fresh, gone: gone.filter((id) => this.#known.has(id)) };
    return sameDigest(now, digestAfter(this.#digest, this.#known, changed)) ? changed : undefined;
  }

  async #changedSince(db: Reader): Promise<Changed> {
    const revisions = await readRevisions(db);
    const isStale = ([id, revision]: [string, number]) => this.#known.get(id)?.revision !== revision;
    const stale = [...revisions].filter(isStale).map(([id]) => id);
    const gone = [...this.#known.keys()].filter((id) => !revisions.has(id));
    return { fresh: await readResources(db, stale), gone };
  }

  #take(changed: Changed): void {
    const { fresh, gone } = changed;
    const isRenewal = gone.length === 0 && fresh.every(({ id }) => this.#known.has(id));
    this.#digest = digestAfter(this.#digest, this.#known, changed);
    for (const id of gone) this.#known.delete(id);
    for (const resource of fresh) this.#known.set(resource.id, resource);
    const resources = [...this.#known.values()];
    this.#catalog = isRenewal
      ? this.#catalog.renewed(new Map(fresh.map((resource) => [resource.id, resource])))
      : new Catalog(resources, edgesAmong(resources));
    for (const listener of this.#listeners) listener(this.#catalog);
  }

  /** Resolves after a look at the database that began after this was called: a burst of calls becomes one or two. */
  caughtUp(): Promise<void> {
    if (this.#queued) return this.#running;
    this.#queued = true;
    this.#running = this.#running.then(async () => {
      this.#queued = false;
      // What a passing fault hides now, the next change or write shows.
      await this.refresh().catch(() => undefined);
    });
    return this.#running;
  }
}

type Changed = { fresh: Revised[]; gone: string[] };

/** What `readDigest` finds once some resources have changed. */
function digestAfter({ count, newest, revisions }: RegistryDigest, known: Known, changed: Changed): RegistryDigest {
  const { fresh, gone } = changed;
  const lost = gone.flatMap((id) => known.get(id) ?? []);
  const isNew = fresh.filter(({ id }) => !known.has(id));
  const before = fresh.flatMap(({ id }) => known.get(id) ?? []);
  const sum = (resources: readonly Revised[]) => resources.reduce((total, { revision }) => total + revision, 0);
  const stays = lost.some(({ sequence }) => sequence === newest) ? newestWithout(known, new Set(gone)) : newest;
  return {
    count: count + isNew.length - lost.length,
    newest: Math.max(stays, ...isNew.map(({ sequence }) => sequence)),
    revisions: revisions + sum(fresh) - sum(before) - sum(lost),
  };
}

function newestWithout(known: Known, gone: ReadonlySet<string>): number {
  let newest = 0;
  for (const { id, sequence } of known.values()) if (!gone.has(id)) newest = Math.max(newest, sequence);
  return newest;
}

function sameDigest(one: RegistryDigest, other: RegistryDigest): boolean {
  return one.count === other.count && one.newest === other.newest && one.revisions === other.revisions;
}
