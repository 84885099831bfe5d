import { FeaturegraphError } from './errors.ts';
import type { JsonValue } from './generated/operations.ts';

/** Fields of the entity graph, by the names that they have there: `{ stats: { convRate: true } }`. */
export type Fields = { readonly [field: string]: true | Fields };
export type Selected<F extends Fields> = {
  [K in keyof F]: F[K] extends Fields ? Selected<F[K]> | null : JsonValue;
};

/** A query of one entity by its key, now or at an instant: `{ driver(driverId: 7) { stats { convRate } } }`. */
export function entityQuery(
  field: string,
  key: Readonly<Record<string, JsonValue>>,
  fields: Fields,
  at?: string,
): string {
  const given = Object.entries(key).map(([name, value]) => `${graphName(name)}:${literal(value)}`);
  if (at !== undefined) given.push(`at:${literal(at)}`);
  return `query{${graphName(field)}${given.length > 0 ? `(${given.join(' ')})` : ''}${selection(fields)}}`;
}

function selection(fields: Fields): string {
  return `{${Object.entries(fields)
    .map(([name, inner]) => graphName(name) + (inner === true ? '' : selection(inner)))
    .join(' ')}}`;
}

/** Nothing but a name: what a caller is given by others must not become a query of theirs. */
function graphName(name: string): string {
  if (/^[_A-Za-z]\w*$/.test(name)) return name;
  throw new FeaturegraphError('INVALID_INPUT', `"${name}" is no name of the graph.`);
}

/** Strings in JSON are strings in GraphQL. */
function literal(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  throw new FeaturegraphError('INVALID_INPUT', 'A key is one value: a number, a text or a boolean.');
}
