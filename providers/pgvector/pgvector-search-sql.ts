import type { Metric } from '../contract/value-type.ts';
import { distances, whereZero } from './pgvector-tables.ts';

/** What the searches of a group have in common; `sought` is SQL of their numbers and vectors. */
export type Group = { sought: string; table: string; metric: Metric; wanted: number; filter: string | undefined };

/*
 * All answer with the number of a search, a key and a vector, both in base64: the driver has no binary answers. The
 * score is worked out from the vector, in double precision, where the answer is read.
 */
const answer = `sought.number, encode(coalesce(found.long_key, found.place), 'base64'),
    encode(vector_send(found.vector), 'base64')`;

/** By looking at every point that passes. No index knows this distance; equal ones are in the order of their places. */
export function exactSelect(group: Group): string {
  return answerWith(group, `${pointsOf(group)} ${nearestExactly(group)}`);
}

/** By the graph, which leaves out vectors of zeros. */
export function graphSelect(group: Group): string {
  if (group.filter !== undefined) return filteredSelect(group);
  return answerWith(group, [nearestByGraph(group, 'true'), ...zeros(group, 'true')].join(' UNION ALL '));
}

/** So few points that pass are looked at one by one. */
const fewPoints = 5_000;

/**
 * Few points that pass are all looked at, which is exact, and they are where a graph would be slow. Otherwise the
 * graph is searched until enough have passed. The conditions on `amount` are tested once, before either is begun.
 */
function filteredSelect(group: Group): string {
  const many = '(SELECT many FROM amount)';
  const exactly = `SELECT place, long_key, vector FROM few AS point WHERE NOT ${many} ${nearestExactly(group)}`;
  const parts = [exactly, nearestByGraph(group, many), ...zeros(group, many)].map((part) => `(${part})`);
  return `WITH few AS MATERIALIZED (${pointsOf(group)} LIMIT ${fewPoints + 1}),
    amount AS MATERIALIZED (SELECT count(*) > ${fewPoints} AS many FROM few)
    ${answerWith(group, parts.join(' UNION ALL '))}`;
}

function answerWith({ sought }: Group, found: string): string {
  return `SELECT ${answer} FROM ${sought} AS sought (number, vector) CROSS JOIN LATERAL (${found}) AS found`;
}

function pointsOf({ table, filter }: Group): string {
  const passes = filter === undefined ? '' : ` AND ${filter}`;
  return `SELECT place, long_key, vector FROM ${table} AS point WHERE vector IS NOT NULL${passes}`;
}

/** The distance by COSINE to what has no direction is NaN in pgvector; here it is that of a right angle. */
function nearestExactly({ metric, wanted }: Group): string {
  const distance = `(point.vector ${distances[metric].operator} sought.vector)`;
  const order = metric === 'COSINE' ? `coalesce(nullif(${distance}, 'NaN'), 1)` : `${distance} + 0`;
  return `ORDER BY ${order}, place LIMIT ${wanted}`;
}

function nearestByGraph(group: Group, condition: string): string {
  const order = `ORDER BY point.vector ${distances[group.metric].operator} sought.vector LIMIT ${group.wanted}`;
  return `(${pointsOf(group)} AND ${condition} ${order})`;
}

function zeros({ table, metric, wanted, filter = 'true' }: Group, condition: string): string[] {
  if (metric !== 'COSINE') return [];
  const points = `SELECT place, long_key, vector FROM ${table} AS point WHERE ${whereZero}`;
  return [`(${points} AND ${filter} AND ${condition} ORDER BY place LIMIT ${wanted})`];
}
