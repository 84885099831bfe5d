import DataLoader from 'dataloader';
import { forbidden } from '../src/access/forbidden.ts';
import type { Principal } from '../src/access/principal.ts';
import type { Rights } from '../src/access/rights.ts';
import type { Action } from '../src/access/role.ts';
import type { Application } from '../src/application.ts';
import type { Actor, Origin } from '../src/audit/audit-entry.ts';
import { entriesOfGone, entriesOfSteps } from '../src/audit/registry-changes.ts';
import type { Job } from '../src/jobs/job.ts';
import { findJobs } from '../src/jobs/job-store.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import type { Catalog, Resource } from '../src/registry/catalog.ts';
import type { ResourceKind } from '../src/registry/reference.ts';
import { registered as inCatalog } from '../src/registry/registered.ts';
import type { Witness } from '../src/registry/registry.ts';
import { findRuns, type Run } from '../src/retrieval/runs.ts';
import { type ReadRows, type RowAnswer, type RowQuery, readRows } from '../src/serving/row-reading.ts';
import type { WaitingForValues } from '../src/values/value-cells.ts';
import { type NearestAnswer, type NearestRequest, searchNearest } from '../src/vectors/nearest.ts';
import { RequestLifetime } from './request-lifetime.ts';
import { mayBeSeen } from './run-access.ts';

/** What is counted while a request is answered, since nothing says beforehand how much it will be. */
type Spent = { resources: number; cells: number };

const spentWords: Record<keyof Spent, { what: string; fix: string }> = {
  resources: { what: 'resources reached over edges', fix: 'Ask for a smaller depth, or for one resource at a time.' },
  cells: { what: 'values in columns', fix: 'Ask for fewer rows of keys or fewer features, in several requests.' },
};

const internal: Origin = { address: null, userAgent: null, transport: 'INTERNAL' };

/** Holds the catalog that a request is answered from. */
type Registered = { catalog: Catalog };

/**
 * What the resolvers of one request share, and no other request does. Apollo Server hands resolvers a shallow copy of
 * it, made with the same prototype: so what changes lies one step further, in `registered`.
 */
export class RequestContext {
  readonly application: Application;
  /** Who asks: who was authenticated. */
  readonly principal: Principal;
  /** From where. */
  readonly origin: Origin;
  readonly registered: Readonly<Registered>;
  /** To be called when the request itself has changed what is registered. */
  readonly renewCatalog: () => void;
  /** Reads of the same moment leave as one read per online store. */
  readonly readRows: ReadRows;
  /** Searches of the same moment leave as one search per vector store. */
  readonly nearest: DataLoader<NearestRequest, NearestAnswer>;
  /** Jobs by their own ids, those of one moment in one read; null where there is none. */
  readonly jobs: DataLoader<string, Job | null>;
  readonly runs: DataLoader<string, Run | null>;
  readonly lifetime: RequestLifetime;
  /** By name, what is being looked for. */
  readonly sought = new Map<string, Promise<unknown>>();
  /** How much of what is limited the answer has so far. */
  readonly spent: Spent = { resources: 0, cells: 0 };

  constructor(
    application: Application,
    principal: Principal,
    registered: Readonly<Registered>,
    renewCatalog: () => void,
    lifetime = new RequestLifetime(),
    origin: Origin = internal,
  ) {
    this.origin = origin;
    const { stores, database } = application;
    this.lifetime = lifetime;
    this.application = application;
    this.principal = principal;
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
    this.jobs = new DataLoader(
      async (ids) => {
        const found = await this.told(findJobs(database.kysely, ids));
        return found.map((job) => job && (this.seesJob(job) ? job : null));
      },
      { cache: false },
    );
    this.runs = new DataLoader(
      async (ids) => (await findRuns(database, ids)).map((run) => run && (mayBeSeen(this, run) ? run : null)),
      { cache: false },
    );
  }

  /** Jobs of what may be seen, and one's own; all of them for who sees everything. */
  seesJob({ resource, startedBy }: Pick<Job, 'resource' | 'startedBy'>): boolean {
    if (this.rights.holdsForAll('VIEW') || startedBy === this.user) return true;
    return resource !== null && this.catalog.byId(resource.id) !== undefined;
  }

  /**
   * What was found out about jobs, once what is registered is as far as they are: who is told that one has ended must not
   * find its resource still waiting for it, in this answer or the next.
   */
  async told<T>(jobs: T | Promise<T>): Promise<T> {
    const found = await jobs;
    await this.application.registry.caughtUp();
    this.renewCatalog();
    return found;
  }

  /** Counts what an answer leads to; fails with LIMIT_EXCEEDED where that is more than one request may have. */
  spend(what: keyof Spent, count: number): void {
    this.spent[what] += count;
    const most = this.application.configuration.limits[what];
    if (this.spent[what] > most) throw limitExceeded({ path: 'query', found: 'more', most, ...spentWords[what] });
  }

  /** How much more may be counted. */
  left(what: keyof Spent): number {
    return this.application.configuration.limits[what] - this.spent[what];
  }

  /** For what is computed on demand: it is worth nothing once this request is over. */
  get waiting(): WaitingForValues {
    const { lifetime } = this;
    return {
      get signal() {
        return lifetime.signal;
      },
      spend: (cells) => this.spend('cells', cells),
    };
  }

  /** One search for all that ask under its name while it goes on; whoever asks later is told anew. */
  together<T>(name: string, find: () => Promise<T>): Promise<T> {
    const sought = this.sought.get(name) ?? find().finally(() => this.sought.delete(name));
    this.sought.set(name, sought);
    return sought as Promise<T>;
  }

  /** Who is recorded to have done what this request does. */
  get user(): string {
    return this.principal.name;
  }

  /** What who asks may do: as it is now, also where it has changed while a subscription runs. */
  get rights(): Rights {
    return this.application.access.rightsOf(this.principal);
  }

  /** Who acts and from where, for the audit log. */
  get actor(): Actor {
    return { principal: this.principal, origin: this.origin };
  }

  /** Writes to the audit log what this request changes of the registry, in the transaction that does. */
  get witness(): Witness {
    const { actor, application } = this;
    return {
      applied: (trx, steps) => application.audit.recordIn(trx, entriesOfSteps(actor, steps)),
      resealed: (trx, providers) => {
        const resources = providers.map(({ kind, ref }) => `${kind} ${ref}`);
        const entries = resources.map((resource) => ({ actor, action: 'RESEAL', resource, outcome: 'DONE' as const }));
        return application.audit.recordIn(trx, entries);
      },
      deleted: (trx, gone) => application.audit.recordIn(trx, entriesOfGone(actor, gone)),
    };
  }

  /** All that is registered: to work with, never to answer from. It is the same for all of one answer. */
  get everything(): Catalog {
    return this.registered.catalog;
  }

  /**
   * What is registered as far as who asks may see it: the rest is as if it were not there. As it was when the request
   * began, or after its own change.
   */
  get catalog(): Catalog {
    return this.rights.visible(this.registered.catalog);
  }

  /** What may be seen, and what may be served. */
  get servable(): Catalog {
    return this.rights.servable(this.registered.catalog);
  }

  /** By reference, of what may be seen; fails with NOT_FOUND. */
  get<K extends ResourceKind>(kind: K, reference: string) {
    return inCatalog(this.catalog, kind, reference);
  }

  /** Fails with FORBIDDEN where who asks may do none of this to anything: asked before anything is looked up. */
  demand(...actions: [Action, ...Action[]] | readonly Action[]): void {
    const { rights } = this;
    if (!actions.some((action) => rights.holds(action))) throw forbidden(actions[0] ?? 'VIEW');
  }

  /** Fails with FORBIDDEN where who asks may not do this to the server as a whole. */
  demandForAll(action: Action): void {
    if (!this.rights.holdsForAll(action)) throw forbidden(action);
  }

  /** Fails with FORBIDDEN where who asks may not do this to something that it may see. */
  demandOn(action: Action, resource: Resource): void {
    if (!this.rights.allows(action, resource, this.everything)) throw forbidden(action, resource);
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

export function requestContext(
  application: Application,
  principal: Principal,
  lifetime?: RequestLifetime,
  origin?: Origin,
): RequestContext {
  const registered: Registered = { catalog: application.registry.catalog };
  const renew = () => {
    registered.catalog = application.registry.catalog;
  };
  return new RequestContext(application, principal, registered, renew, lifetime, origin);
}

/** A subscription lives long: each of its events is answered from what is registered then. */
export function subscriptionContext(
  application: Application,
  principal: Principal,
  lifetime?: RequestLifetime,
  origin?: Origin,
): RequestContext {
  return new RequestContext(application, principal, application.registry, () => {}, lifetime, origin);
}
