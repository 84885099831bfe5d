import { compareScores, isZero, scoreAgainst } from '../contract/vector-similarity.ts';
import type { VectorFilter, VectorMatch, VectorQuery } from '../contract/vector-store.ts';
import { binaryArray } from '../postgres/postgres-binary.ts';
import type { Statement, TextRow } from '../postgres/postgres-connections.ts';
import type { CatalogEntry } from './pgvector-catalog.ts';
import type { Extension } from './pgvector-extension.ts';
import { Bindings, filterSql } from './pgvector-filter.ts';
import { vectorBytes, vectorOf } from './pgvector-points.ts';
import { exactSelect, graphSelect } from './pgvector-search-sql.ts';

/**
 * Candidates that a scan of a graph keeps. Of 20,000 vectors of noise in 64 dimensions, which are the hardest to find,
 * 400 find 99 of 100 true neighbours in 3 ms; 200 find 97 in 2 ms.
 */
export const searchedCandidates = 400;
/** More are asked for than are sought: pgvector computes in single precision, which can change places of near ones. */
const spare = 16;

export type Sought = { query: VectorQuery; entry: CatalogEntry };

/** Whether the graph may answer. Otherwise every point is looked at, as where there is no graph. */
export function byGraph({ query, entry }: Sought, { iterativeScan }: Extension): boolean {
  if (!entry.graph || (entry.index.metric === 'COSINE' && isZero(query.vector))) return false;
  return iterativeScan || (query.filter === undefined && wanted(query) <= searchedCandidates);
}

function wanted({ k, exclude }: VectorQuery): number {
  return k + spare + (exclude === undefined ? 0 : 1);
}

type Numbered = Sought & { number: number; graph: boolean };

/** One statement for all searches, numbered from 0: those that differ in nothing but their vectors share a part. */
export function searchStatement(sought: readonly Sought[], graph: boolean, extension: Extension): Statement {
  const bindings = new Bindings();
  const filters = new Map<VectorFilter | undefined, number>();
  const numbered = sought.map((each, number) => ({ ...each, number, graph: graph && byGraph(each, extension) }));
  const groups = Map.groupBy(numbered, ({ query, entry, graph: searched }) => {
    const filter = filters.get(query.filter) ?? filters.size;
    filters.set(query.filter, filter);
    return [entry.table, searched, wanted(query), filter].join();
  });
  const selects = [...groups.values()].map((group) => `(${groupSelect(group, bindings, extension)})`);
  return { text: selects.join(' UNION ALL '), values: bindings.values };
}

function groupSelect(group: readonly Numbered[], bindings: Bindings, { vectorType }: Extension): string {
  const [first] = group;
  if (first === undefined) throw new RangeError('a group has searches');
  const { query, entry, graph } = first;
  const numbers = bindings.bind(`{${group.map(({ number }) => number).join()}}`, 'int[]');
  const vectors = group.map((each) => vectorBytes(each.query.vector));
  const described = {
    sought: `unnest(${numbers}, ${bindings.bind(binaryArray(vectorType, vectors), 'vector[]')})`,
    table: entry.table,
    metric: entry.index.metric,
    wanted: wanted(query),
    filter: query.filter && filterSql(entry.index, query.filter, bindings),
  };
  return graph ? graphSelect(described) : exactSelect(described);
}

/** The `k` nearest of each search, by what its statement answered. */
export function matchesOf(sought: readonly Sought[], rows: readonly TextRow[]): VectorMatch[][] {
  const found = sought.map(() => new Map<string, VectorMatch>());
  const scores = sought.map(({ query, entry }) => scoreAgainst(query.vector, entry.index.metric));
  for (const [number, encodedKey, encodedVector] of rows) {
    const [at, key] = [Number(number), Buffer.from(encodedKey ?? '', 'base64')];
    const score = scores[at]?.(vectorOf(Buffer.from(encodedVector ?? '', 'base64'))) ?? 0;
    found[at]?.set(key.toString('latin1'), { key: Uint8Array.from(key), score });
  }
  return sought.map(({ query: { exclude, k }, entry }, at) => {
    const excluded = exclude && Buffer.from(exclude);
    const matches = [...(found[at]?.values() ?? [])].filter(({ key }) => !excluded?.equals(key));
    const { metric } = entry.index;
    const order = (left: VectorMatch, right: VectorMatch) =>
      compareScores(metric, left.score, right.score) || Buffer.compare(left.key, right.key);
    return matches.sort(order).slice(0, k);
  });
}
