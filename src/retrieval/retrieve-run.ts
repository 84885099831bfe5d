import { randomUUID } from 'node:crypto';
import type { OfflineStore, RunContext, RunSummary } from '../../providers/contract/offline-store.ts';
import type { AsOfJoin, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { type ComputingErrors, computeRun, type RunColumn } from '../on-demand/computed-run.ts';
import type { ResourceOf } from '../registry/catalog.ts';
import type { StorePool } from '../stores/store-pool.ts';
import type { PlannedRetrieval } from './point-in-time-planning.ts';
import { windowRows } from './window-joins.ts';

type Home = { provider: ResourceOf<'PROVIDER'>; store: OfflineStore };

/**
 * Joins a plan and stores its rows under `run`, in one of the stores that its relations live in: an embedded one if
 * there is one, for it joins fastest and reads its files in place, otherwise the spine's. Rows of other stores come to
 * it column by column; the plan, and with it the contract, stays the same. `outOfBounds` counts the values of windows that
 * could not be, and are null.
 */
export async function retrieveRun(
  stores: StorePool,
  { plan, homes, windows, computed }: PlannedRetrieval,
  run: string,
  context: RunContext,
): Promise<{ summary: RunSummary; keeper: ResourceOf<'PROVIDER'>; errors: ComputingErrors; outOfBounds: number }> {
  const opened = await openHomes(stores, homes);
  const keeper = keeperAmong(opened);
  const near = new Map<Relation, Relation>();
  let outOfBounds = 0;
  const onOutOfBounds = () => {
    outOfBounds++;
  };
  for (const [relation, provider] of homes) {
    const home = opened.get(provider.ref);
    const join = windows.get(relation);
    if (join !== undefined && home !== undefined) {
      const spine = opened.get(homes.get(plan.spine.relation)?.ref ?? '') ?? keeper;
      const sources = { spine: spine.store, events: home.store, onOutOfBounds };
      near.set(relation, windowRows(join, plan.spine, sources, context));
      continue;
    }
    if (home === undefined || home === keeper) continue;
    near.set(relation, await broughtFrom(home.store, relation, columnsRead(plan, relation), context));
  }
  const joined = replaceRelations(plan, near);
  const { provider } = keeper;
  if (computed !== undefined)
    return { ...(await retrieveComputed(keeper.store, joined, computed, run, context)), keeper: provider, outOfBounds };
  const summary = await keeper.store.retrieve(joined, run, context);
  return { summary, keeper: provider, errors: [], outOfBounds };
}

/** What is joined is forgotten once the columns that are computed of it are stored, or could not be. */
async function retrieveComputed(
  store: OfflineStore,
  plan: PointInTimePlan,
  columns: readonly RunColumn[],
  run: string,
  context: RunContext,
): Promise<{ summary: RunSummary; errors: ComputingErrors }> {
  const joined = randomUUID();
  try {
    const { columns: found } = await store.retrieve(plan, joined, context);
    return await computeRun(store, { run: joined, columns: found }, columns, run, context);
  } finally {
    await store.dropRun(joined);
  }
}

/** The store that will join and keep a retrieval. */
export async function openKeeper(stores: StorePool, { homes }: PlannedRetrieval): Promise<Home> {
  return keeperAmong(await openHomes(stores, homes));
}

function keeperAmong(opened: ReadonlyMap<string, Home>): Home {
  const all = [...opened.values()];
  const keeper = all.find(({ store }) => store.capabilities.embedded) ?? all[0];
  if (keeper === undefined) throw new TypeError('a retrieval reads at least one view');
  return keeper;
}

async function openHomes(stores: StorePool, homes: PlannedRetrieval['homes']): Promise<Map<string, Home>> {
  const opened = new Map<string, Home>();
  for (const provider of homes.values()) {
    if (opened.has(provider.ref)) continue;
    opened.set(provider.ref, { provider, store: await stores.offline(provider.definition, provider.ref) });
  }
  return opened;
}

/** What another store reads, as rows that come when they are asked for. Columns that are not there are its to refuse. */
async function broughtFrom(
  store: OfflineStore,
  relation: Relation,
  names: readonly string[],
  context: RunContext,
): Promise<Relation> {
  const known = await store.columns(relation);
  const columns = names.flatMap((name) => {
    const type = known.find((column) => column.name === name)?.type;
    return type === undefined ? [] : { name, type };
  });
  const progress = () => context.progress(0);
  return { kind: 'BATCHES', columns, batches: () => store.scan(relation, names, { ...context, progress }) };
}

function columnsRead({ spine, joins, split }: PointInTimePlan, relation: Relation): string[] {
  const names = joins.filter((join) => join.relation === relation).flatMap(joinColumns);
  if (spine.relation === relation) {
    names.push(
      ...spine.columns.map(({ column }) => column),
      ...joins.flatMap((join) => join.keys.map((key) => key.spine)),
    );
    if (spine.timestamp !== undefined) names.push(spine.timestamp);
    if (split?.kind === 'SHARE') names.push(...split.keys);
  }
  return [...new Set(names)];
}

function joinColumns({ keys, eventTimestamp, createdTimestamp, columns, tieBreak }: AsOfJoin): string[] {
  const timestamps = [eventTimestamp, createdTimestamp].filter((name) => name !== undefined);
  return [...keys.map((key) => key.joined), ...timestamps, ...columns.map(({ column }) => column), ...tieBreak];
}

function replaceRelations(plan: PointInTimePlan, near: ReadonlyMap<Relation, Relation>): PointInTimePlan {
  const replaced = <T extends { relation: Relation }>(part: T): T => ({
    ...part,
    relation: near.get(part.relation) ?? part.relation,
  });
  return { ...plan, spine: replaced(plan.spine), joins: plan.joins.map(replaced) };
}
