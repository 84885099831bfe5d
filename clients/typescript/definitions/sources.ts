import type {
  FileColumnInput,
  FilesInput,
  SourceInput,
  TableInput,
  TransformationForm,
} from '../generated/operations.ts';
import type { ColumnType } from './column-types.ts';
import { described, type Named, referenceTo, type Varied } from './described.ts';
import type { OfflineStore } from './providers.ts';

export type SourceOf<N extends string = string, V extends string = string> = {
  readonly source: Named<SourceInput, N, V>;
};

type Options<V extends string> = Varied<V> & { provider?: OfflineStore };

function source<const N extends string, const V extends string>(
  name: N,
  { provider, ...options }: Options<V>,
  rows: Pick<SourceInput, 'files' | 'table' | 'transformation'>,
): SourceOf<N, V> {
  const store = provider && { provider: referenceTo(provider.provider) };
  return { source: { name, ...described(options), ...store, ...rows } };
}

type FilesOptions<V extends string> = Options<V> &
  Omit<FilesInput, 'paths' | 'columns'> & { columns?: { readonly [column: string]: ColumnType } };

/** Rows in files below the server's data roots; their types are told from them where `columns` does not say. */
export function files<const N extends string, const V extends string = 'v1'>(
  name: N,
  paths: string | readonly string[],
  { format, csv, hivePartitions, columns, ...options }: FilesOptions<V> = {},
): SourceOf<N, V> {
  const declared =
    columns && Object.entries(columns).map(([column, { type }]): FileColumnInput => ({ name: column, type }));
  const said = { format, csv, hivePartitions, columns: declared };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return source(name, options, { files: { paths: typeof paths === 'string' ? [paths] : [...paths], ...given } });
}

/** Rows in a table or view of the provider. */
export function table<const N extends string, const V extends string = 'v1'>(
  name: N,
  { schema, table, ...options }: Options<V> & { schema?: string; table?: string } = {},
): SourceOf<N, V> {
  const where: TableInput = { ...(schema !== undefined && { schema }), name: table ?? name };
  return source(name, options, { table: where });
}

/** Rows by SQL over other sources. A TABLE is stored by a job, a VIEW computed at each reading; TABLE when left out. */
export function transformation<const N extends string, const V extends string = 'v1'>(
  name: N,
  query: string,
  { as, ...options }: Options<V> & { as?: TransformationForm } = {},
): SourceOf<N, V> {
  return source(name, options, { transformation: { sql: query, ...(as && { as }) } });
}

/** SQL that names sources: `` sql`select * from ${trips}` ``. Text, and numbers, stand for themselves. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (SourceOf | string | number)[]): string {
  return String.raw(
    texts,
    ...parts.map((part) => (typeof part === 'object' ? `{{ ${referenceTo(part.source)} }}` : part)),
  );
}
