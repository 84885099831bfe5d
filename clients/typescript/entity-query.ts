import { FeaturegraphError } from './errors.ts';
import type { JsonValue } from './generated/operations.ts';
import { type GivenValue, jsonForm, unsendable } from './json-form.ts';

/** Fields of the entity graph, by the names that they have there: `{ stats: { convRate: true } }`. */
export type Fields = { readonly [field: string]: true | Fields };
export type Selected<F extends Fields> = {
  [K in keyof F]: F[K] extends Fields ? Selected<F[K]> | null : JsonValue;
};

/** Values that on-demand features are computed from, by the field of their view: `{ quote: { amount: 12.5 } }`. */
export type FieldRequests = { readonly [field: string]: Arguments };
type Arguments = Readonly<Record<string, GivenValue>>;

/**
 * A query of one entity by its key, now or at an instant:
 * `{ driver(driverId: 7) { stats { convRate } quote(amount: 12.5) { ratio } } }`.
 */
export function entityQuery(
  field: string,
  key: Arguments,
  fields: Fields,
  { at, request }: { at?: string; request?: FieldRequests } = {},
): string {
  return `query{${called(field, at === undefined ? key : { ...key, at })}${selection(fields, request)}}`;
}

function selection(fields: Fields, request: FieldRequests = {}): string {
  return `{${Object.entries(fields)
    .map(([name, inner]) => called(name, request[name]) + (inner === true ? '' : selection(inner)))
    .join(' ')}}`;
}

function called(name: string, given: Arguments = {}): string {
  const values = Object.entries(given).map(
    ([argument, value]) => `${graphName(argument)}:${literal(value, `.${name}.${argument}`)}`,
  );
  return graphName(name) + (values.length > 0 ? `(${values.join(' ')})` : '');
}

/** Nothing but a name: what a caller is given by others must not become a query of theirs. */
function graphName(name: string): string {
  if (/^[_A-Za-z]\w*$/.test(name)) return name;
  throw new FeaturegraphError('INVALID_INPUT', `"${name}" is no name of the graph.`);
}

/**
 * Strings in JSON are strings in GraphQL. A document can write the zero that JSON can't; a whole number that a double may
 * have rounded is written as none, so that it is no key.
 */
function literal(value: GivenValue, path: string): string {
  if (Array.isArray(value)) return `[${value.map((one, at) => literal(one, `${path}[${at}]`))}]`;
  if (Object.is(value, -0)) return '-0';
  const json = jsonForm(value, path);
  // Its floats are finite, and its arguments no objects.
  const isNamed = typeof value === 'number' && json !== value;
  if (isNamed || (json !== null && typeof json === 'object')) throw unsendable(value, path);
  return typeof json === 'number' && Math.abs(json) >= 2 ** 53 ? json.toExponential() : JSON.stringify(json);
}
