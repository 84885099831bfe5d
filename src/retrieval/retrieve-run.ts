import type { OfflineStore, RunContext, RunSummary } from '../../providers/contract/offline-store.ts';
import type { AsOfJoin, PointInTimePlan } from '../../providers/contract/point-in-time-plan.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { ResourceOf } from '../registry/catalog.ts';
import type { StorePool } from '../stores/store-pool.ts';
import type { PlannedRetrieval } from './point-in-time-planning.ts';

type Home = { provider: ResourceOf<'PROVIDER'>; store: OfflineStore };

/**
 * Joins a plan and stores its rows under `run`, in one of the stores that its relations live in: an embedded one if
 * there is one, for it joins fastest and reads its files in place, otherwise the spine's. Rows of other stores come to
 * it column by column; the plan, and with it the contract, stays the same.
 */
export async function retrieveRun(
  stores: StorePool,
  { plan, homes }: PlannedRetrieval,
  run: string,
  context: RunContext,
): Promise<{ summary: RunSummary; keeper: ResourceOf<'PROVIDER'> }> {
  const opened = await openHomes(stores, homes);
  const keeper = keeperAmong(opened);
  const near = new Map<Relation, Relation>();
  for (const [relation, provider] of homes) {
    const home = opened.get(provider.ref);
    if (home === undefined || home === keeper) continue;
    near.set(relation, await broughtFrom(home.store, relation, columnsRead(plan, relation), context));
  }
  const summary = await keeper.store.retrieve(replaceRelations(plan, near), run, context);
  return { summary, keeper: keeper.provider };
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
