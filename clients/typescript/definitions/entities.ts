import type { EntityGraphqlInput, EntityInput, JoinKeyColumnInput } from '../generated/operations.ts';
import type { ColumnType } from './column-types.ts';
import { described, type Named, referenceTo, type Varied } from './described.ts';
import { callOf, requireMade, requireObject, requireOptions, requireText, requireTypes } from './misuse.ts';

declare const keys: unique symbol;

type KeyTypes = { readonly [joinKey: string]: ColumnType };

export type EntityOf<N extends string = string, K extends KeyTypes = KeyTypes, V extends string = string> = {
  readonly entity: Named<EntityInput, N, V>;
  readonly [keys]?: K;
};
export type KeysOfEntity<E> = E extends EntityOf<string, infer K> ? K : never;

/** What features describe, and what it is recognised by: `entity('driver', { driver_id: int64() })`. */
export function entity<const N extends string, const K extends KeyTypes, const V extends string = 'v1'>(
  name: N,
  joinKeys: K,
  said: Varied<V> & { graphql?: EntityGraphqlInput } = {},
): EntityOf<N, K, V> {
  requireOptions(callOf('entity', name), said);
  const { graphql, ...options } = said;
  const [call, fix] = [callOf('entity', name), "Write entity('driver', { driver_id: int64() })."];
  requireText(call, 'the name', name, fix);
  requireTypes(call, 'its keys', joinKeys, fix);
  const written = Object.entries(joinKeys).map(([joinKey, { type, description }]) => ({
    name: joinKey,
    type,
    ...(description && { description }),
  }));
  return { entity: { name, ...described(options), joinKeys: written, ...(graphql && { graphql }) } };
}

/** Which column holds which join key, where their names differ: `{ faa: 'origin' }`. */
export type KeyColumnsOf<E> = { readonly [K in keyof KeysOfEntity<E>]?: string };

export function keyColumnInputs(columns: Readonly<Record<string, string | undefined>>): JoinKeyColumnInput[] {
  return Object.entries(columns).flatMap(([joinKey, column]) => (column === undefined ? [] : [{ joinKey, column }]));
}

/** An entity whose join keys are in columns of other names. */
export type EntityBy<E extends EntityOf> = { readonly of: E; readonly by: KeyColumnsOf<E> };

export function by<E extends EntityOf>(of: E, columns: KeyColumnsOf<E>): EntityBy<E> {
  const [call, fix] = [callOf('by', of, columns), "Write by(airport, { faa: 'origin' })."];
  requireMade(call, 'what comes first', of, 'entity', fix);
  requireObject(call, 'which column holds which key', columns, fix);
  return { of, by: columns };
}

export function entityReference({ entity }: EntityOf): string {
  return referenceTo(entity);
}
