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
  /** By name, what `once` has found. */
  readonly found = new Map<string, Promise<unknown>>();

  constructor(application: Application, user: string, registered: Readonly<Registered>, renewCatalog: () => void) {
    const { stores } = application;
    this.application = application;
    this.user = user;
    this.registered = registered;
    this.renewCatalog = renewCatalog;
    const rows = new DataLoader<RowQuery, RowAnswer>((queries) => readRows(stores, registered.catalog, queries), {
      cache: false,
    });
    this.readRows = (query) => rows.load(query);
    this.nearest = new DataLoader<NearestRequest, NearestAnswer>(
      (requests) => searchNearest(stores, registered.catalog, this.readRows, requests),
      { cache: false },
    );
  }

  /** What was found under this name, for all that ask for it in this request. */
  once<T>(name: string, find: () => Promise<T>): Promise<T> {
    const found = this.found.get(name) ?? find();
    this.found.set(name, found);
    return found as Promise<T>;
  }

  /** What is registered, the same for all of one answer: as it was when the request began, or after its own change. */
  get catalog(): Catalog {
    return this.registered.catalog;
  }
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
