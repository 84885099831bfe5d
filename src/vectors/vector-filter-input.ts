import type { Issue } from '../../providers/contract/failure.ts';
import type { Scalar, ValueType } from '../../providers/contract/value-type.ts';
import type { VectorFilter } from '../../providers/contract/vector-store.ts';
import { isStorable } from '../state/storable-text.ts';
import { fromJson } from '../values/json-value.ts';

/** A filter as a request gives it: exactly one of these. Features are named as in the embedding's view. */
export type VectorFilterInput = {
  and?: readonly VectorFilterInput[] | null;
  or?: readonly VectorFilterInput[] | null;
  not?: VectorFilterInput | null;
  equal?: { feature: string; value?: unknown } | null;
  in?: { feature: string; values: readonly unknown[] } | null;
  range?: { feature: string; gt?: unknown; gte?: unknown; lt?: unknown; lte?: unknown } | null;
};

type Payload = ReadonlyMap<string, ValueType>;

const nothing: VectorFilter = { kind: 'OR', any: [] };

/** Reads a filter over typed features, reporting all that is wrong with it. */
export function readVectorFilter(
  input: VectorFilterInput,
  payload: Payload,
  path: string,
  issues: Issue[],
): VectorFilter {
  const each = (inputs: readonly VectorFilterInput[], field: string) =>
    inputs.map((one, at) => readVectorFilter(one, payload, `${path}.${field}[${at}]`, issues));
  if (input.and) return { kind: 'AND', all: each(input.and, 'and') };
  if (input.or) return { kind: 'OR', any: each(input.or, 'or') };
  if (input.not) return { kind: 'NOT', filter: readVectorFilter(input.not, payload, `${path}.not`, issues) };
  if (input.equal) return readEqual(input.equal, payload, `${path}.equal`, issues);
  if (input.in) return readIn(input.in, payload, `${path}.in`, issues);
  if (input.range) return readRange(input.range, payload, `${path}.range`, issues);
  return nothing;
}

function readEqual(
  { feature: name, value }: NonNullable<VectorFilterInput['equal']>,
  payload: Payload,
  path: string,
  issues: Issue[],
): VectorFilter {
  const type = typeOf(name, payload, path, issues);
  const read = type && readValue(type, value, `${path}.value`, issues);
  return read === undefined ? nothing : { kind: 'IN', name, values: [read] };
}

function readIn(
  { feature: name, values }: NonNullable<VectorFilterInput['in']>,
  payload: Payload,
  path: string,
  issues: Issue[],
): VectorFilter {
  const type = typeOf(name, payload, path, issues);
  if (type === undefined) return nothing;
  const read = values.flatMap((value, at) => readValue(type, value, `${path}.values[${at}]`, issues) ?? []);
  return { kind: 'IN', name, values: read };
}

function readRange(
  { feature: name, ...bounds }: NonNullable<VectorFilterInput['range']>,
  payload: Payload,
  path: string,
  issues: Issue[],
): VectorFilter {
  const type = typeOf(name, payload, path, issues);
  if (type === undefined) return nothing;
  const given = Object.entries(bounds).filter(([, value]) => value !== null && value !== undefined);
  if (given.length === 0) issues.push({ path, message: 'has no bound', fix: 'Give one of gt, gte, lt and lte.' });
  const read = given.map(([bound, value]) => [bound, readValue(type, value, `${path}.${bound}`, issues)] as const);
  return { kind: 'RANGE', name, ...Object.fromEntries(read.filter(([, value]) => value !== undefined)) };
}

function typeOf(name: string, payload: Payload, path: string, issues: Issue[]): ValueType | undefined {
  const type = payload.get(name);
  const fix = `The features to filter by are ${[...payload.keys()].join(', ')}.`;
  if (type === undefined)
    issues.push({ path: `${path}.feature`, message: `"${name}" is no scalar feature of the view`, fix });
  return type;
}

function readValue(type: ValueType, json: unknown, path: string, issues: Issue[]): Scalar | undefined {
  const read = fromJson(type, json);
  if ('problem' in read) issues.push({ path, message: read.problem });
  else if (typeof read.value === 'string' && !isStorable(read.value))
    issues.push({ path, message: 'holds a NUL character, by which no store can filter', fix: 'Leave it out.' });
  else if (read.value === null) issues.push({ path, message: 'is null, which equals nothing', fix: 'Leave it out.' });
  else return read.value as Scalar;
  return undefined;
}

/** The features that a filter names, each as often as it does. */
export function featuresOfFilter(filter: VectorFilterInput | null | undefined): string[] {
  if (!filter) return [];
  const { and, or, not, equal, in: among, range } = filter;
  const inner = [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])];
  const named = [equal, among, range].flatMap((one) => one?.feature ?? []);
  return [...named, ...inner.flatMap(featuresOfFilter)];
}
