import type { WriteTransaction } from '../state/write-transaction.ts';
import type { Catalog, Resource } from './catalog.ts';
import type { PlanStep } from './planning.ts';

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
