import type { FeatureInput } from '../generated/operations.ts';
import { type Described, described } from './described.ts';
import { callOf, misuse, requireNumber, requireOptions, requireType } from './misuse.ts';

declare const value: unique symbol;

/** A typed column: `T` is what its values are in answers, `W` which type of ours. */
export type ColumnType<T = unknown, W extends string = string> = Omit<FeatureInput, 'name' | 'type'> & {
  readonly type: W;
  readonly [value]?: T;
};
export type ValueOf<C> = C extends ColumnType<infer T> ? T : never;

/** What may be said of a column besides what it is. */
export type ColumnOptions = Described & { column?: string; graphqlName?: string; inaccessible?: boolean };

/** JSON has no number for these. */
type NotANumber = 'NaN' | 'Infinity' | '-Infinity' | '-0';
export type Float = number | NotANumber;
/** Text beyond 2^53. */
export type Integer = number | string;

function scalar<T, const W extends string>(type: W, builder = type.toLowerCase()) {
  return (description?: string, options: ColumnOptions = {}): ColumnType<T, W> => {
    if (description !== undefined && typeof description !== 'string') {
      const fix = `Write ${builder}('What it is.', { … }), or ${builder}(undefined, { … }).`;
      misuse(callOf(builder, description), 'what comes first is no description, which is text', fix);
    }
    requireOptions(callOf(builder, description, options), options);
    return { type, ...described({ ...options, ...(description !== undefined && { description }) }) };
  };
}

export const bool = scalar<boolean, 'BOOL'>('BOOL');
export const int32 = scalar<number, 'INT32'>('INT32');
export const int64 = scalar<Integer, 'INT64'>('INT64');
export const float32 = scalar<Float, 'FLOAT32'>('FLOAT32');
export const float64 = scalar<Float, 'FLOAT64'>('FLOAT64');
export const string = scalar<string, 'STRING'>('STRING');
/** In answers as base64. */
export const bytes = scalar<string, 'BYTES'>('BYTES');
/** In answers as 2024-01-31. */
export const date = scalar<string, 'DATE'>('DATE');
/** In answers as 2024-01-31T12:00:00Z. */
export const timestamp = scalar<string, 'TIMESTAMP'>('TIMESTAMP');

/** Arrays of a type, as `list(int32())`. */
export function list<T, W extends string>(
  element: ColumnType<T, W>,
  description?: string,
  options?: ColumnOptions,
): ColumnType<readonly (T | null)[], `${W}[]`> {
  requireType(callOf('list', element), 'the element', element, 'Write list(string()).');
  return scalar<readonly (T | null)[], `${W}[]`>(`${element.type}[]`, 'list')(description, options);
}

/** An embedding. */
export function vector(
  dimensions: number,
  metric: 'COSINE' | 'DOT' | 'L2',
  description?: string,
  options?: ColumnOptions,
): ColumnType<readonly number[], `VECTOR(${number}, ${string})`> {
  const [call, fix] = [callOf('vector', dimensions, metric), "Write vector(384, 'COSINE')."];
  requireNumber(call, 'how many dimensions', dimensions, fix);
  if (typeof metric !== 'string') misuse(call, 'the metric is left out: it is COSINE, DOT or L2', fix);
  return scalar<readonly number[], `VECTOR(${number}, ${string})`>(`VECTOR(${dimensions}, ${metric})`, 'vector')(
    description,
    options,
  );
}
