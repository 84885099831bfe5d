import type { VectorIndex, VectorMatch, VectorQuery } from '../contract/vector-store.ts';
import type { QdrantConnection } from './qdrant-connection.ts';
import { searchFilter } from './qdrant-filter.ts';
import { vectorName } from './qdrant-names.ts';
import { keyOfPayload } from './qdrant-points.ts';
import { componentsOf, invalid, requireFit, scoreOf } from './qdrant-vectors.ts';

/** More points than are wanted: those of equal score are put in order of their keys here, and cut here. */
const moreForTies = 16;
/** Where so many are as near as the last one wanted, they are cut anywhere. */
const mostTied = 4_096;
/** Candidates that Qdrant looks at in its graph at least; its default, 100, misses too many of the true nearest. */
const candidates = 256;

type Asked = { query: VectorQuery; limit: number };

/** Searches one collection: all queries in one request, and in another those that many equal scores were cut in. */
export async function searchCollection(
  connection: QdrantConnection,
  alias: string,
  index: VectorIndex,
  queries: readonly VectorQuery[],
): Promise<VectorMatch[][]> {
  const found = new Map<VectorQuery, VectorMatch[]>();
  let asked: Asked[] = queries.map((query) => ({ query, limit: query.k + moreForTies }));
  while (asked.length > 0) {
    const searches = asked.map((each) => searchRequest(index, each));
    const answers = await connection.ask((client) => client.queryBatch(alias, { searches }));
    const again: Asked[] = [];
    for (const [at, { query, limit }] of asked.entries()) {
      const matches = (answers[at]?.points ?? []).map(({ payload, score }): VectorMatch => {
        return { key: keyOfPayload(payload), score: scoreOf(index.metric, score) };
      });
      const isCutInTies = matches.length === limit && matches[query.k - 1]?.score === matches.at(-1)?.score;
      if (isCutInTies && limit < mostTied) again.push({ query, limit: Math.max(mostTied, query.k * 2) });
      else found.set(query, inOrder(index, matches).slice(0, query.k));
    }
    asked = again;
  }
  return queries.map((query) => found.get(query) ?? []);
}

export function requireQuery(index: VectorIndex, { vector, k }: VectorQuery): void {
  requireFit(index, vector, 'vector');
  if (!Number.isInteger(k) || k < 1) throw invalid('k', 'must be a whole number of at least 1', 'Ask for at least 1.');
}

function searchRequest(index: VectorIndex, { query, limit }: Asked) {
  return {
    query: componentsOf(index.metric, query.vector),
    using: vectorName(index),
    filter: searchFilter(index, query.filter, query.exclude),
    params: { hnsw_ef: Math.max(candidates, limit) },
    limit,
    with_payload: ['key'],
  };
}

function inOrder({ metric }: VectorIndex, matches: readonly VectorMatch[]): VectorMatch[] {
  const sign = metric === 'L2' ? 1 : -1;
  return matches.toSorted((left, right) => sign * (left.score - right.score) || Buffer.compare(left.key, right.key));
}
