import type { RunFilter } from '../../contract/offline-store.ts';
import type { AsOfJoin, LatestPlan, PointInTimePlan } from '../../contract/point-in-time-plan.ts';
import type { FilesRelation, Relation } from '../../contract/relation.ts';
import type { TypedColumn } from '../../contract/table.ts';
import type { DuckdbOptions } from '../duckdb-database.ts';

/** Rows that stay with who asks: the engine's process takes them batch by batch, by this number. */
export type OfferedRows = { kind: 'OFFERED'; columns: TypedColumn[]; rows: number };

/** A relation as it crosses to the engine's process. */
export type CrossingRelation =
  | Exclude<Relation, { kind: 'BATCHES' | 'QUERY' }>
  | { kind: 'QUERY'; sql: string; inputs: Readonly<Record<string, CrossingRelation>> }
  | OfferedRows;

type Over<Part, R> = Omit<Part, 'relation'> & { relation: R };

type RetrievalOver<R> = Omit<PointInTimePlan, 'spine' | 'joins'> & {
  spine: Over<PointInTimePlan['spine'], R>;
  joins: readonly Over<AsOfJoin, R>[];
};

/** A method of `OfflineStore` that answers once, and what it is asked with. */
export type EngineCall<R> =
  | { method: 'open'; options: DuckdbOptions }
  | { method: 'check' | 'close' }
  | { method: 'decideFiles'; files: FilesRelation }
  | { method: 'columns' | 'columnOrigins' | 'version' | 'count'; relation: R }
  | { method: 'preview'; relation: R; limit: number }
  | { method: 'transform'; id: string; relation: R }
  | { method: 'dropTransformed'; id: string }
  | { method: 'retrieve'; plan: RetrievalOver<R>; run: string }
  | { method: 'readRun'; run: string; offset: number; limit: number; filter: RunFilter | undefined }
  | { method: 'countRun'; run: string; filter: RunFilter }
  | { method: 'dropRun'; run: string };

/** One that answers with batches. */
export type EngineStream<R> =
  | { method: 'scan'; relation: R; columns: readonly string[] }
  | { method: 'latest' | 'events'; plan: Over<LatestPlan, R> }
  | { method: 'streamRun'; run: string; filter: RunFilter | undefined };

export type EngineMethod = (EngineCall<unknown> | EngineStream<unknown>)['method'];

/** The same call over other relations. */
export function overRelations<A, B>(call: EngineCall<A>, to: (relation: A) => B): EngineCall<B>;
export function overRelations<A, B>(call: EngineStream<A>, to: (relation: A) => B): EngineStream<B>;
export function overRelations<A, B>(
  call: EngineCall<A> | EngineStream<A>,
  to: (relation: A) => B,
): EngineCall<B> | EngineStream<B> {
  if (call.method === 'retrieve') {
    const { spine, joins } = call.plan;
    const over = <P extends { relation: A }>(part: P) => ({ ...part, relation: to(part.relation) });
    return { ...call, plan: { ...call.plan, spine: over(spine), joins: joins.map(over) } };
  }
  if ('plan' in call) return { ...call, plan: { ...call.plan, relation: to(call.plan.relation) } };
  return 'relation' in call ? { ...call, relation: to(call.relation) } : call;
}

/** The relations that a call reads, without those below them. */
export function relationsOf<R>(call: EngineCall<R> | EngineStream<R>): R[] {
  if (call.method === 'retrieve') return [call.plan.spine, ...call.plan.joins].map(({ relation }) => relation);
  if ('plan' in call) return [call.plan.relation];
  return 'relation' in call ? [call.relation] : [];
}

/**
 * A function that makes relations ready to cross, or brings them back: `rows` turns those that can't cross. What was
 * one relation stays one, for the engine reads it once.
 */
export function crossing(rows: (relation: Extract<Relation, { kind: 'BATCHES' }>) => OfferedRows) {
  const known = new Map<Relation, CrossingRelation>();
  const cross = (relation: Relation): CrossingRelation => {
    const crossed = known.get(relation) ?? crossOnce(relation);
    known.set(relation, crossed);
    return crossed;
  };
  const crossOnce = (relation: Relation): CrossingRelation => {
    if (relation.kind === 'BATCHES') return rows(relation);
    if (relation.kind !== 'QUERY') return relation;
    const inputs = Object.entries(relation.inputs).map(([name, input]) => [name, cross(input)] as const);
    return { ...relation, inputs: Object.fromEntries(inputs) };
  };
  return cross;
}

/** The way back of `crossing`. */
export function arriving(batches: (rows: OfferedRows) => Relation) {
  const known = new Map<CrossingRelation, Relation>();
  const arrive = (crossed: CrossingRelation): Relation => {
    const relation = known.get(crossed) ?? arriveOnce(crossed);
    known.set(crossed, relation);
    return relation;
  };
  const arriveOnce = (crossed: CrossingRelation): Relation => {
    if (crossed.kind === 'OFFERED') return batches(crossed);
    if (crossed.kind !== 'QUERY') return crossed;
    const inputs = Object.entries(crossed.inputs).map(([name, input]) => [name, arrive(input)] as const);
    return { ...crossed, inputs: Object.fromEntries(inputs) };
  };
  return arrive;
}
