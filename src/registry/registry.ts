import type { Kysely } from 'kysely';
import { distinctIssues, Failure, type Issue } from '../../providers/contract/failure.ts';
import type { ChangeFeed } from '../state/change-feed.ts';
import { appendChange } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import type { StateTables } from '../state/tables.ts';
import { type WriteTransaction, writeTransaction } from '../state/write-transaction.ts';
import { turn } from '../turns.ts';
import { explainMissing } from './available-names.ts';
import { type Catalog, type Resource, type ResourceOf, sameDefinitions } from './catalog.ts';
import { CatalogReader } from './catalog-reader.ts';
import { checkSteps } from './checks/check-steps.ts';
import { type CheckWorld, checkWorld } from './checks/check-world.ts';
import { KnownColumns, type OpenOfflineStore } from './checks/known-columns.ts';
import type { ReservedNames } from './graph-names.ts';
import { failedResources } from './never-succeeded.ts';
import { changedDefinition, type ResourcePatch } from './patching.ts';
import { draughtPlan, isChange, isNew, type PlanStep } from './planning.ts';
import { kindInWords, type ResourceKind } from './reference.ts';
import { deleteResources, insertResources, searchResources, updateResources, writeStatus } from './resource-store.ts';
import { keepColumns } from './source-columns.ts';
import { decideFiles } from './source-files.ts';
import { type ResourceChange, type WatchedChange, WatchedChanges } from './watched-changes.ts';

/** Work that a change of the registry brings with it. */
export type RegistryFollowUp<Work> = {
  /** What the steps call for; the same for `plan` and for `apply`. */
  needed(steps: readonly PlanStep[], after: Catalog): Work[];
  /** Part of the transaction that writes the change. */
  start(trx: WriteTransaction, work: readonly Work[], startedBy: string): Promise<void>;
  /** Those of some resources, by id, that ever had a job which succeeded. */
  succeeded(ids: readonly string[], trx?: WriteTransaction): Promise<ReadonlySet<string>>;
  /** Ends what still works on resources that go; part of the transaction that deletes them. */
  forget(trx: WriteTransaction, resources: readonly Resource[]): Promise<void>;
  /** After they went: removes what the stores hold of them. */
  cleanUp(resources: readonly Resource[], before: Catalog): Promise<void>;
};

/** What `apply` would do with a batch to the catalog `before`, and what it looked at. With issues it would do nothing. */
export type Plan<Work> = {
  steps: PlanStep[];
  issues: Issue[];
  work: Work[];
  before: Catalog;
  after: Catalog;
  world: CheckWorld;
};

export type RegistryOptions<Work> = {
  database: Database;
  feed: ChangeFeed;
  openOfflineStore: OpenOfflineStore;
  followUp: RegistryFollowUp<Work>;
  reservedNames: ReservedNames;
};

/** How often an apply starts over because what it asked of the stores no longer fits what is registered. */
const attempts = 20;

/**
 * What is registered. Reads are answered from `catalog`, which follows the database. Writes plan against it and ask the
 * stores; then, under a lock, what has changed meanwhile makes them plan again, with the answers of before.
 */
export class Registry<Work> {
  readonly #options: RegistryOptions<Work>;
  readonly #reader: CatalogReader;
  readonly #changes: WatchedChanges;

  constructor(options: RegistryOptions<Work>) {
    this.#options = options;
    this.#reader = new CatalogReader(options.database, options.feed);
    this.#changes = new WatchedChanges(options.feed, () => this.refresh());
  }

  get catalog(): Catalog {
    return this.#reader.catalog;
  }

  async start(): Promise<void> {
    await this.#reader.start();
  }

  /** The catalog as it is in the database now. */
  refresh(): Promise<Catalog> {
    return this.#reader.refresh();
  }

  stop(): void {
    this.#reader.stop();
  }

  /** Called after every change of the catalog, from whichever process. */
  onChange(listener: (catalog: Catalog) => void): () => void {
    return this.#reader.onChange(listener);
  }

  /** Every change from now on, from whichever process, in order, until the iteration is ended. */
  changes(): AsyncIterableIterator<WatchedChange> {
    return this.#changes.watch();
  }

  /** By reference; fails with NOT_FOUND. */
  get<K extends ResourceKind>(kind: K, reference: string) {
    return registered(this.catalog, kind, reference);
  }

  /** Ids of the resources that a text speaks of, best first. */
  search(text: string): Promise<string[]> {
    return searchResources(this.#db, text);
  }

  /** Says exactly what `apply` would do with the batch now, and everything that is wrong with it. */
  async plan(inputs: readonly unknown[]): Promise<Plan<Work>> {
    return this.#plan(await this.#reader.refresh(), inputs, this.#knownColumns());
  }

  /**
   * Registers a batch, in any order, whole or not at all, and starts the work that it calls for. Fails with
   * INVALID_INPUT and every issue there is, or with RESOURCE_CHANGED when all that is wrong is that registered
   * variants would change.
   */
  apply(inputs: readonly unknown[], startedBy: string): Promise<Plan<Work>> {
    return this.#apply(() => inputs, startedBy);
  }

  /** What is to be applied may follow from what is registered: it is asked for again whenever that has changed. */
  async #apply(inputsFrom: (catalog: Catalog) => readonly unknown[], startedBy: string): Promise<Plan<Work>> {
    const columns = this.#knownColumns();
    const planned = (catalog: Catalog, trx?: WriteTransaction) =>
      this.#plan(catalog, inputsFrom(catalog), columns, trx);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const draught = await planned(await this.#reader.refresh());
      refuseProblems(draught);
      if (!draught.steps.some(isChange)) return draught;
      const plan = await writeTransaction(this.#options.database, async (trx) => {
        const now = await this.#reader.refresh(trx);
        const current = isCurrent(draught, now) ? draught : await columns.withoutAsking(() => planned(now, trx));
        if (current !== undefined) await this.#write(trx, current, startedBy);
        return current;
      });
      if (plan === undefined) continue;
      const changed = plan.steps.filter(isChange);
      const written = changed.flatMap((step) => [step.resource, ...step.features, ...step.replaced]);
      this.#reader.wrote(written.map(({ id }) => id));
      await this.#reader.refresh();
      await this.#cleanUpReplaced(plan);
      return plan;
    }
    const message = 'What this was planned against kept changing while it was applied. Try again.';
    throw new Failure('CONFLICT', message, { retryable: true });
  }

  /** Changes what may change in place; other fields are refused with RESOURCE_CHANGED. */
  async update(kind: ResourceKind, reference: string, patch: ResourcePatch, startedBy: string): Promise<Resource> {
    const { ref } = registered(await this.#reader.refresh(), kind, reference);
    await this.#apply((catalog) => [changedDefinition(catalog, registered(catalog, kind, ref), patch)], startedBy);
    return this.get(kind, ref);
  }

  /** Deletes a resource, a view with its features. Fails with IN_USE, naming the users, and with NOT_FOUND. */
  async delete(kind: ResourceKind, reference: string): Promise<Resource[]> {
    if (kind === 'FEATURE') {
      throw new Failure('INVALID_INPUT', 'A feature belongs to its view, which is immutable.', {
        issues: [
          {
            path: 'kind',
            message: 'FEATURE cannot be deleted',
            fix: 'Delete the feature view, or register a variant without the feature.',
          },
        ],
      });
    }
    const before = await this.#reader.refresh();
    const going = deletable(before, kind, reference);
    const ids = going.map((one) => one.id);
    await writeTransaction(this.#options.database, async (trx) => {
      deletable(await this.#reader.refresh(trx), kind, reference);
      await this.#options.followUp.forget(trx, going);
      await deleteResources(trx, ids);
      await this.#announce(trx, 'DELETED', going);
    });
    this.#reader.wrote(ids);
    await this.#reader.refresh();
    await this.#options.followUp.cleanUp(going, before);
    return going;
  }

  /** Tells how far a resource is; part of the transaction in which its job changes state. */
  async setStatus(
    trx: WriteTransaction,
    id: string,
    status: Resource['status'],
    message: string | null = null,
  ): Promise<void> {
    const resource = this.catalog.byId(id);
    if ((await writeStatus(trx, id, status, message)) && resource !== undefined) {
      await this.#announce(trx, 'STATUS', [resource]);
    }
  }

  get #db(): Kysely<StateTables> {
    return this.#options.database.kysely;
  }

  #knownColumns(): KnownColumns {
    return new KnownColumns(this.#options.openOfflineStore);
  }

  async #plan(
    before: Catalog,
    inputs: readonly unknown[],
    columns: KnownColumns,
    trx?: WriteTransaction,
  ): Promise<Plan<Work>> {
    const issues: Issue[] = [];
    const draught = draughtPlan(before, inputs, issues, await this.#neverSucceeded(before, trx));
    await turn();
    const { steps, after, unreadable } = await decideFiles(draught, columns);
    const world = checkWorld(after, columns, this.#options.reservedNames, unreadable);
    await checkSteps(steps, world, issues);
    const read = await Promise.all(steps.map((step) => withColumns(step, world)));
    const work = this.#options.followUp.needed(steps, after);
    return { steps: read, issues: distinctIssues(issues), work, before, after, world };
  }

  async #neverSucceeded(catalog: Catalog, trx?: WriteTransaction): Promise<ReadonlySet<string>> {
    const failed = failedResources(catalog).map(({ id }) => id);
    const succeeded = await this.#options.followUp.succeeded(failed, trx);
    return new Set(failed.filter((id) => !succeeded.has(id)));
  }

  /**
   * What the stores hold of an attempt that never succeeded, such as some rows of a view. A source has nothing there: what
   * its job stores is stored whole, and under the name that the new one has, too.
   */
  async #cleanUpReplaced({ steps, before }: Plan<Work>): Promise<void> {
    const replaced = steps.flatMap((step) => step.replaced).filter(({ kind }) => kind !== 'SOURCE');
    if (replaced.length > 0) await this.#options.followUp.cleanUp(replaced, before);
  }

  async #write(trx: WriteTransaction, plan: Plan<Work>, startedBy: string): Promise<void> {
    refuseProblems(plan);
    const { steps } = plan;
    const created = steps.filter(isNew).flatMap((step) => [step.resource, ...step.features]);
    const updated = steps
      .filter((step) => step.action === 'UPDATE')
      .flatMap((step) => [step.resource, ...step.features]);
    await this.#forget(
      trx,
      steps.flatMap((step) => step.replaced),
    );
    await insertResources(trx, created, plan.after.edges);
    await updateResources(trx, updated);
    for (const source of created.filter(isSource)) {
      await keepColumns(trx, source.id, await plan.world.columns(source));
    }
    await this.#options.followUp.start(trx, plan.work, startedBy);
    await this.#announce(trx, 'CREATED', created);
    await this.#announce(trx, 'UPDATED', updated);
  }

  async #forget(trx: WriteTransaction, replaced: readonly Resource[]): Promise<void> {
    if (replaced.length === 0) return;
    await this.#options.followUp.forget(trx, replaced);
    await deleteResources(
      trx,
      replaced.map(({ id }) => id),
    );
    await this.#announce(trx, 'DELETED', replaced);
  }

  async #announce(
    trx: WriteTransaction,
    action: ResourceChange['action'],
    resources: readonly Resource[],
  ): Promise<void> {
    for (const { id, kind, ref } of resources) {
      const change: ResourceChange = { action, id, kind, ref };
      await appendChange(trx, 'RESOURCE', id, change);
    }
  }
}

/** A step that creates a source, with the columns that were read of it. */
async function withColumns(step: PlanStep, world: CheckWorld): Promise<PlanStep> {
  if (!isNew(step) || step.kind !== 'SOURCE') return step;
  const columns = await world.columnsIfReadable(step.ref);
  return columns === undefined ? step : { ...step, columns };
}

function isSource(resource: Resource): resource is ResourceOf<'SOURCE'> {
  return resource.kind === 'SOURCE';
}

/** Whether a plan still fits what is registered: a job that was started again meanwhile may yet succeed. */
function isCurrent({ steps, before }: Plan<unknown>, now: Catalog): boolean {
  const replaced = steps.flatMap((step) => step.replaced);
  return replaced.every(({ id, status }) => now.byId(id)?.status === status) && sameDefinitions(now, before);
}

function refuseProblems(plan: Plan<unknown>): void {
  const conflicts = plan.steps.filter((step) => step.action === 'CONFLICT');
  const changes = conflicts.flatMap((step) => conflictIssues(step));
  if (plan.issues.length > 0) {
    throw new Failure('INVALID_INPUT', 'Nothing was registered: the definitions have issues.', {
      issues: [...plan.issues, ...changes],
    });
  }
  if (changes.length === 0) return;
  const refs = conflicts.map((step) => `${kindInWords(step.kind)} ${step.ref}`).join(', ');
  throw new Failure(
    'RESOURCE_CHANGED',
    `A registered variant is immutable, and these differ from what is registered: ${refs}.`,
    { issues: changes },
  );
}

function conflictIssues(step: PlanStep): Issue[] {
  return step.changes
    .filter((change) => !change.inPlace)
    .map((change) => ({
      path: `definitions[${step.at}].${change.path}`,
      message: `${step.ref} is registered with ${JSON.stringify(change.before)}, not ${JSON.stringify(change.after)}.`,
      fix: 'Register it as a new variant.',
    }));
}

/** The resource and what goes with it: a view's features, before the view itself. */
function deletable(catalog: Catalog, kind: ResourceKind, reference: string): Resource[] {
  const resource = registered(catalog, kind, reference);
  const features = catalog.downstream(resource.id).filter((one) => kind === 'FEATURE_VIEW' && one.kind === 'FEATURE');
  refuseUsed(catalog, resource, [...features, resource]);
  return [...features, resource];
}

function refuseUsed(catalog: Catalog, resource: Resource, going: readonly Resource[]): void {
  const ids = new Set(going.map((one) => one.id));
  const users = new Map(
    going
      .flatMap((one) => catalog.downstream(one.id))
      .filter((one) => !ids.has(one.id))
      .map((one) => [one.id, one]),
  );
  if (users.size === 0) return;
  const issues = [...users.values()].map((user) => ({
    path: 'ref',
    message: `${kindInWords(user.kind)} ${user.ref} uses it`,
    fix: `Delete ${user.ref} first.`,
  }));
  throw new Failure(
    'IN_USE',
    `${resource.ref} is still used by ${issues.length} other resource${issues.length === 1 ? '' : 's'}.`,
    { issues },
  );
}

function registered<K extends ResourceKind>(catalog: Catalog, kind: K, reference: string) {
  const found = catalog.find(kind, reference);
  if (found === undefined) throw notRegistered(catalog, kind, reference);
  return found;
}

function notRegistered(catalog: Catalog, kind: ResourceKind, reference: string): Failure {
  const { message, fix } = explainMissing(catalog, kind, reference);
  return new Failure('NOT_FOUND', message, { issues: [{ path: 'ref', message: 'is not registered', fix }] });
}
