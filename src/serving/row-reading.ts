import { Failure } from '../../providers/contract/failure.ts';
import type { RowRead } from '../../providers/contract/online-store.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import type { StorePool } from '../stores/store-pool.ts';

/** Rows of some views of one entity, for some of its keys, encoded. Keys may repeat. */
export type RowQuery = {
  entity: ResourceOf<'ENTITY'>;
  views: readonly ResourceOf<'FEATURE_VIEW'>[];
  keys: readonly Uint8Array[];
};

/** A packed row, undefined where there is none, or why it could not be read. */
export type FoundRow = Uint8Array | Failure | undefined;

/** A store that failed, and the words to tell a user. */
export type FailedStore = { provider: string; failure: Failure };

/** `rows[k][v]` is of `keys[k]` in `views[v]`; `failed` has the stores that could not give all of theirs. */
export type RowAnswer = { rows: FoundRow[][]; failed: FailedStore[] };

export type ReadRows = (query: RowQuery) => Promise<RowAnswer>;

/** What one query wants of one store: `columns` are the places of its views among the query's. */
type Part = { answer: RowAnswer; query: RowQuery; columns: readonly number[] };

/**
 * Reads for several queries together. Whatever their number, each online store is read once. A store that fails has
 * its failure in the place of its own rows, and leaves the others standing.
 */
export async function readRows(
  stores: StorePool,
  catalog: Catalog,
  queries: readonly RowQuery[],
): Promise<RowAnswer[]> {
  const answers = queries.map(({ keys, views }): RowAnswer => {
    return { rows: keys.map(() => new Array<FoundRow>(views.length)), failed: [] };
  });
  const parts = queries.flatMap((query, at) => partsOf(query, answers[at] as RowAnswer));
  const byStore = Map.groupBy(parts, ([provider]) => provider);
  await Promise.all(
    [...byStore].map(async ([provider, own]) => {
      const wanted = own.map(([, part]) => part);
      try {
        await readStore(stores, catalog, provider, wanted);
      } catch (error) {
        const failure = asFailure(error, provider);
        for (const { answer, columns } of wanted) {
          answer.failed.push({ provider, failure });
          for (const row of answer.rows) for (const column of columns) row[column] = failure;
        }
      }
    }),
  );
  return answers;
}

function partsOf(query: RowQuery, answer: RowAnswer): [provider: string, Part][] {
  if (query.keys.length === 0) return [];
  const columns = Map.groupBy(query.views.keys(), (at) => query.views[at]?.definition.onlineStore ?? '');
  return [...columns].map(([provider, own]) => [provider, { answer, query, columns: own }]);
}

async function readStore(stores: StorePool, catalog: Catalog, provider: string, parts: readonly Part[]): Promise<void> {
  const definition = catalog.find('PROVIDER', provider)?.definition;
  if (definition === undefined) throw new Failure('INVALID_INPUT', 'A view without an online store can not be served.');
  const store = await stores.online(definition, provider);
  const groups = [...Map.groupBy(parts, sharedRead).values()];
  const answers = await store.read(groups.map(readOf));
  for (const [at, group] of groups.entries()) {
    let place = 0;
    for (const { answer, query, columns } of group) {
      for (const row of answer.rows.slice(0, query.keys.length)) {
        const failure = answers[at]?.failures?.get(place);
        const found = answers[at]?.rows[place++];
        for (const [from, to] of columns.entries()) row[to] = failure ?? found?.[from];
        if (failure !== undefined && answer.failed.at(-1)?.provider !== provider) {
          answer.failed.push({ provider, failure });
        }
      }
    }
  }
}

/** Parts that want the same views of one entity are one read of all their keys. */
function sharedRead({ query, columns }: Part): string {
  return `${query.entity.id} ${columns.map((column) => query.views[column]?.id).join(' ')}`;
}

function readOf(group: readonly Part[]): RowRead {
  const [first] = group;
  return {
    entity: first?.query.entity.id ?? '',
    keys: group.flatMap(({ query }) => query.keys),
    views: (first?.columns ?? []).map((column) => first?.query.views[column]?.id ?? ''),
  };
}

/** What a user may read of it: a defect's own words stay in our log. */
function asFailure(error: unknown, provider: string): Failure {
  if (error instanceof Failure) return error;
  return new Failure('INTERNAL', `Reading from ${provider} failed.`, { cause: error });
}
