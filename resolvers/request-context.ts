import DataLoader from 'dataloader';
import type { Application } from '../src/application.ts';
import type { Catalog } from '../src/registry/catalog.ts';
import { type ReadRows, type RowAnswer, type RowQuery, readRows } from '../src/serving/row-reading.ts';
import { type NearestAnswer, type NearestRequest, searchNearest } from '../src/vectors/nearest.ts';

/** Holds the catalog that a request is answered from. */
type Registered = { catalog: Catalog };

/**
 * What the resolvers of one request share, and no other request does. Apollo Server hands resolvers a shallow copy of
 * it, made with the same prototype: so what changes lies one step further, in `registered`.
 */
export class RequestContext {
  readonly application: Application;
  /** Who asks, for what is recorded. */
  readonly user: string;
  readonly registered: Readonly<Registered>;
  /** To be called when the request itself has changed what is registered. */
  readonly renewCatalog: () => void;
  /** Reads of the same moment leave as one read per online store. */
  readonly readRows: ReadRows;
  /** Searches of the same moment leave as one search per vector store. */
  readonly nearest: DataLoader<NearestRequest, NearestAnswer>;
  /** By name, what is being looked for. */
  readonly sought = new Map<string, Promise<unknown>>();

  constructor(application: Application, user: string, registered: Readonly<Registered>, renewCatalog: () => void) {
    const { stores } = application;
    this.application = application;
    this.user = user;
    this.registered = registered;
    this.renewCatalog = renewCatalog;
    const rows = new DataLoader<RowQuery, RowAnswer>(
      (queries) => readTogether(application, registered.catalog, queries),
      {
        cache: false,
      },
    );
    this.readRows = (query) => rows.load(query);
    this.nearest = new DataLoader<NearestRequest, NearestAnswer>(
      (requests) => searchNearest(stores, registered.catalog, this.readRows, requests),
      { cache: false },
    );
  }

  /** One search for all that ask under its name while it goes on; whoever asks later is told anew. */
  together<T>(name: string, find: () => Promise<T>): Promise<T> {
    const sought = this.sought.get(name) ?? find().finally(() => this.sought.delete(name));
    this.sought.set(name, sought);
    return sought as Promise<T>;
  }

  /** What is registered, the same for all of one answer: as it was when the request began, or after its own change. */
  get catalog(): Catalog {
    return this.registered.catalog;
  }
}

/** Stores that failed are told in the log once a reading, whoever asked for their rows. */
async function readTogether(
  { stores, logger }: Application,
  catalog: Catalog,
  queries: readonly RowQuery[],
): Promise<RowAnswer[]> {
  const answers = await readRows(stores, catalog, queries);
  const failed = new Map(
    answers.flatMap((answer) => answer.failed).map(({ provider, failure }) => [provider, failure]),
  );
  for (const [provider, failure] of failed) logger.error({ error: failure, provider }, 'an online store failed');
  return answers;
}

export function requestContext(application: Application, user: string): RequestContext {
  const registered: Registered = { catalog: application.registry.catalog };
  return new RequestContext(application, user, registered, () => {
    registered.catalog = application.registry.catalog;
  });
}

/** A subscription lives long: each of its events is answered from what is registered then. */
export function subscriptionContext(application: Application, user: string): RequestContext {
  return new RequestContext(application, user, application.registry, () => {});
}
