import DataLoader from 'dataloader';
import type { Application } from '../src/application.ts';
import type { Catalog } from '../src/registry/catalog.ts';
import { type ServedFeatures, type ServingRequest, serveFeatures } from '../src/serving/online-serving.ts';
import { type NearestAnswer, type NearestRequest, searchNearest } from '../src/vectors/nearest.ts';

/** What the resolvers of one request share, and no other request does. */
export type RequestContext = {
  application: Application;
  /** What is registered, the same for all of one answer: as it was when the request began, or after its own change. */
  readonly catalog: Catalog;
  /** Who asks, for what is recorded. */
  user: string;
  /** To be called when the request itself has changed what is registered. */
  renewCatalog(): void;
  /** Reads of the same moment leave as one read per online store. */
  serving: DataLoader<ServingRequest, ServedFeatures>;
  /** Searches of the same moment leave as one search per vector store. */
  nearest: DataLoader<NearestRequest, NearestAnswer>;
};

export function requestContext(application: Application, user: string): RequestContext {
  let catalog = application.registry.catalog;
  const renewCatalog = () => {
    catalog = application.registry.catalog;
  };
  return contextOver(application, user, () => catalog, renewCatalog);
}

/** A subscription lives long: each of its events is answered from what is registered then. */
export function subscriptionContext(application: Application, user: string): RequestContext {
  return contextOver(
    application,
    user,
    () => application.registry.catalog,
    () => {},
  );
}

function contextOver(
  application: Application,
  user: string,
  current: () => Catalog,
  renewCatalog: () => void,
): RequestContext {
  const { stores } = application;
  return {
    application,
    user,
    renewCatalog,
    get catalog() {
      return current();
    },
    serving: new DataLoader((requests) => serveFeatures(stores, current(), requests), { cache: false }),
    nearest: new DataLoader<NearestRequest, NearestAnswer>((requests) => searchNearest(stores, current(), requests), {
      cache: false,
    }),
  };
}
