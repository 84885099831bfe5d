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
  #known: Known = new Map();
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
      this.#refreshSoon();
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
    const [known, said] = [this.#known, new Set(this.#said)];
    const now = await readDigest(db);
    for (const id of said) this.#said.delete(id);
    if (sameDigest(now, digestOf(known.values()))) return this.#catalog;
    const changed = (await changedAmong(db, known, said, now)) ?? (await changedSince(db, known));
    // Another refresh ended meanwhile, and may have seen more than this one.
    if (this.#catalog !== before) return this.refresh(db);
    this.#take(known, changed);
    return this.#catalog;
  }

  #take(before: Known, { fresh, gone }: Changed): void {
    const known = new Map(before);
    for (const id of gone) known.delete(id);
    for (const resource of fresh) known.set(resource.id, resource);
    const isRenewal = gone.length === 0 && known.size === before.size;
    const resources = [...known.values()];
    this.#known = known;
    this.#catalog = isRenewal
      ? this.#catalog.renewed(new Map(fresh.map((resource) => [resource.id, resource])))
      : new Catalog(resources, edgesAmong(resources));
    for (const listener of this.#listeners) listener(this.#catalog);
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

type Changed = { fresh: Revised[]; gone: string[] };

/** What changed, if it is all among what was said to have; otherwise undefined. */
async function changedAmong(
  db: Reader,
  known: Known,
  said: ReadonlySet<string>,
  now: RegistryDigest,
): Promise<Changed | undefined> {
  if (said.size === 0) return undefined;
  const fresh = await readResources(db, [...said]);
  const found = new Set(fresh.map(({ id }) => id));
  const gone = [...said].filter((id) => known.has(id) && !found.has(id));
  const after = new Map(known);
  for (const id of gone) after.delete(id);
  for (const resource of fresh) after.set(resource.id, resource);
  return sameDigest(now, digestOf(after.values())) ? { fresh, gone } : undefined;
}

async function changedSince(db: Reader, known: Known): Promise<Changed> {
  const revisions = await readRevisions(db);
  const stale = [...revisions].filter(([id, revision]) => known.get(id)?.revision !== revision).map(([id]) => id);
  const gone = [...known.keys()].filter((id) => !revisions.has(id));
  return { fresh: await readResources(db, stale), gone };
}

/** As `readDigest` would find these. */
function digestOf(resources: Iterable<Revised>): RegistryDigest {
  let [count, newest, revisions] = [0, 0, 0];
  for (const { sequence, revision } of resources) {
    count++;
    newest = Math.max(newest, sequence);
    revisions += revision;
  }
  return { count, newest, revisions };
}

function sameDigest(one: RegistryDigest, other: RegistryDigest): boolean {
  return one.count === other.count && one.newest === other.newest && one.revisions === other.revisions;
}
