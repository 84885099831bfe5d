import type {
  DuckdbConfig,
  LmdbConfig,
  PostgresConfig,
  ProviderConfig,
  ProviderInput,
  ProviderRole,
  QdrantConfig,
  RedisConfig,
  UsearchConfig,
} from '../generated/operations.ts';
import { described, type Named, type Varied } from './described.ts';
import { callOf, requireObject } from './misuse.ts';

declare const serves: unique symbol;

/** A provider, and what it can serve as: a store for one thing is no store for another. */
export type ProviderOf<R extends ProviderRole, N extends string = string, V extends string = string> = {
  readonly provider: Named<ProviderInput, N, V>;
  readonly [serves]?: { [K in R]: true };
};
export type OfflineStore = ProviderOf<'OFFLINE_STORE'>;
export type OnlineStore = ProviderOf<'ONLINE_STORE'>;
export type VectorStore = ProviderOf<'VECTOR_STORE'>;

/** Of any product; `duckdb`, `redis` and the others say which. */
function product<R extends ProviderRole, C extends object>(config: (settings: C) => ProviderConfig, usual: string) {
  const [builder = ''] = Object.keys(config({} as C));
  return <const N extends string, const V extends string = 'v1'>(
    settings: C = {} as C,
    said: Varied<V> & { name?: N } = {},
  ): ProviderOf<R, N, V> => {
    const fix = `Write ${builder}({ … }, { name: '${usual}' }).`;
    requireObject(callOf(builder, settings), 'what comes first', settings, fix);
    requireObject(callOf(builder, settings, said), 'what comes second', said, fix);
    const { name, ...options } = said;
    return { provider: { name: (name ?? usual) as N, ...described(options), config: config(settings) } };
  };
}

/** DuckDB, beside the server: `duckdb({ threads: 2 }, { name: 'warehouse' })`. */
export const duckdb = product<'OFFLINE_STORE', DuckdbConfig>((settings) => ({ duckdb: settings }), 'warehouse');
export const lmdb = product<'ONLINE_STORE', LmdbConfig>((settings) => ({ lmdb: settings }), 'latest');
export const usearch = product<'VECTOR_STORE', UsearchConfig>((settings) => ({ usearch: settings }), 'neighbours');
export const redis = product<'ONLINE_STORE', RedisConfig>((settings) => ({ redis: settings }), 'latest');
export const qdrant = product<'VECTOR_STORE', QdrantConfig>((settings) => ({ qdrant: settings }), 'neighbours');
export const postgres = product<ProviderRole, PostgresConfig>((settings) => ({ postgres: settings }), 'warehouse');
