import { Failure } from '../../providers/contract/failure.ts';
import type { ChangeFeed } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import { type WriteTransaction, writeTransaction } from '../state/write-transaction.ts';
import type { Sealing } from '../stores/sealing.ts';
import { bumpedDefinitions } from './bumping.ts';
import type { Catalog, Resource } from './catalog.ts';
import { CatalogReader } from './catalog-reader.ts';
import { isCurrent, type Plan, planBatch, refuseProblems } from './checked-plan.ts';
import type { ProviderRefusals } from './checks/check-world.ts';
import { KnownColumns, type OpenOfflineStore } from './checks/known-columns.ts';
import type { RegistryFollowUp } from './follow-up.ts';
import type { ReservedNames } from './graph-names.ts';
import { failedResources } from './never-succeeded.ts';
import { changedDefinition, type ResourcePatch } from './patching.ts';
import { writeGone, writePlan } from './plan-writing.ts';
import { isChange, type PlanStep } from './planning.ts';
import type { ResourceKind } from './reference.ts';
import { deletable, registered } from './registered.ts';
import { type Resealed, resealProviders } from './resealing.ts';
import { announce, type WatchedChange, WatchedChanges } from './resource-changes.ts';
import { updateResources, writeStatus } from './resource-store.ts';

export type RegistryOptions<Work> = {
  database: Database;
  feed: ChangeFeed;
  openOfflineStore: OpenOfflineStore;
  followUp: RegistryFollowUp<Work>;
  reservedNames: ReservedNames;
  providerRefusals?: ProviderRefusals;
  /** Seals the secrets that definitions give; without it they give none. */
  sealing?: Sealing;
};

/** Writes down what a transaction of the registry changes, as a part of it. */
export type Witness = {
  applied(trx: WriteTransaction, steps: readonly PlanStep[]): Promise<void>;
  deleted(trx: WriteTransaction, gone: readonly Resource[]): Promise<void>;
  resealed(trx: WriteTransaction, providers: readonly Resource[]): Promise<void>;
};

/**
 * `bump`: what can't stay what it is under its variant gets the next one, as `bumpedDefinitions` says. `alongside` is written in
 * the same transaction, also where no definition changes anything.
 */
export type ApplyOptions = {
  bump?: boolean;
  witness?: Witness;
  alongside?: (trx: WriteTransaction) => Promise<void>;
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

  /** Resolves once `catalog` has what was in the database when this was asked; those who wait together share a look. */
  caughtUp(): Promise<void> {
    return this.#reader.caughtUp();
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

  /** Says exactly what `apply` would do with the batch now, and everything that is wrong with it. */
  async plan(inputs: readonly unknown[], options: ApplyOptions = {}): Promise<Plan<Work>> {
    return this.#plan(await this.#reader.refresh(), inputs, { columns: this.#knownColumns(), ...options });
  }

  /**
   * Registers a batch, in any order, whole or not at all, and starts the work that it calls for. A place of it that holds
   * nothing is passed over. Fails with
   * INVALID_INPUT and every issue there is, or with RESOURCE_CHANGED when all that is wrong is that registered
   * variants would change.
   */
  apply(inputs: readonly unknown[], startedBy: string, options: ApplyOptions = {}): Promise<Plan<Work>> {
    return this.#apply(() => inputs, startedBy, options);
  }

  /** What is to be applied may follow from what is registered: it is asked for again whenever that has changed. */
  async #apply(
    inputsFrom: (catalog: Catalog) => readonly unknown[],
    startedBy: string,
    { witness, alongside, ...options }: ApplyOptions = {},
  ): Promise<Plan<Work>> {
    const columns = this.#knownColumns();
    const planned = (catalog: Catalog, trx?: WriteTransaction) =>
      this.#plan(catalog, inputsFrom(catalog), { columns, trx, ...options });
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const draught = await planned(await this.#reader.refresh());
      refuseProblems(draught);
      if (!draught.steps.some(isChange) && alongside === undefined) return draught;
      const plan = await writeTransaction(this.#options.database, async (trx) => {
        const now = await this.#reader.refresh(trx);
        const current = isCurrent(draught, now) ? draught : await columns.withoutAsking(() => planned(now, trx));
        if (current === undefined) return undefined;
        await writePlan(trx, current, this.#options.followUp, startedBy);
        await witness?.applied(trx, current.steps);
        await alongside?.(trx);
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
  async update(
    kind: ResourceKind,
    reference: string,
    patch: ResourcePatch,
    startedBy: string,
    witness?: Witness,
  ): Promise<Resource> {
    const { ref } = registered(await this.#reader.refresh(), kind, reference);
    await this.#apply((catalog) => [changedDefinition(catalog, registered(catalog, kind, ref), patch)], startedBy, {
      ...(witness && { witness }),
    });
    return this.get(kind, ref);
  }

  /** Deletes a resource, a view with its features; fails as `deletable` does. */
  async delete(kind: ResourceKind, reference: string, witness?: Witness): Promise<Resource[]> {
    const before = await this.#reader.refresh();
    const going = deletable(before, kind, reference);
    await writeTransaction(this.#options.database, async (trx) => {
      deletable(await this.#reader.refresh(trx), kind, reference);
      await writeGone(trx, going, this.#options.followUp);
      await witness?.deleted(trx, going);
    });
    this.#reader.wrote(going.map(({ id }) => id));
    await this.#reader.refresh();
    await this.#options.followUp.cleanUp(going, before);
    return going;
  }

  /** Seals with the first key what another has sealed, whole or not at all for each provider; answers with what it did. */
  async reseal(witness?: Witness['resealed']): Promise<Resealed> {
    const { database, sealing } = this.#options;
    const done = await writeTransaction(database, async (trx) => {
      const { changed, ...told } = resealProviders(await this.#reader.refresh(trx), sealing);
      await updateResources(trx, changed);
      await announce(trx, 'UPDATED', changed);
      await witness?.(trx, changed);
      return { changed, told };
    });
    this.#reader.wrote(done.changed.map(({ id }) => id));
    await this.#reader.refresh();
    return done.told;
  }

  /** Tells how far a resource is; part of the transaction in which its job changes state. */
  async setStatus(
    trx: WriteTransaction,
    id: string,
    status: Resource['status'],
    message: string | null = null,
  ): Promise<void> {
    const written = await writeStatus(trx, id, status, message);
    if (written !== undefined) await announce(trx, 'STATUS', [written]);
  }

  #knownColumns(): KnownColumns {
    return new KnownColumns(this.#options.openOfflineStore);
  }

  async #plan(
    before: Catalog,
    inputs: readonly unknown[],
    { columns, trx, bump = false }: ApplyOptions & { columns: KnownColumns; trx?: WriteTransaction | undefined },
  ): Promise<Plan<Work>> {
    const { reservedNames, providerRefusals, sealing, followUp } = this.#options;
    const neverSucceeded = await this.#neverSucceeded(before, trx);
    const world = { before, neverSucceeded, columns, reservedNames, providerRefusals, sealing };
    const definitions = bump ? await bumpedDefinitions(before, inputs, neverSucceeded, sealing) : inputs;
    return planBatch(definitions, world, (steps, after) => followUp.needed(steps, after));
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
}
