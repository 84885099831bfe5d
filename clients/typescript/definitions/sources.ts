import type {
  FileColumnInput,
  FilesInput,
  SourceInput,
  TableInput,
  TransformationForm,
} from '../generated/operations.ts';
import type { ColumnType } from './column-types.ts';
import { described, type Named, referenceTo, type Varied } from './described.ts';
import { callOf, misuse, requireMade, requireOptions, requireText, requireTypes } from './misuse.ts';
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
  if (provider !== undefined)
    requireMade(`source ${name}`, 'provider', provider, 'provider', 'Give what duckdb(…) or postgres(…) made.');
  const store = provider && { provider: referenceTo(provider.provider) };
  return { source: { name, ...described(options), ...store, ...rows } };
}

type FilesOptions<V extends string> = Options<V> &
  Omit<FilesInput, 'paths' | 'columns'> & { columns?: { readonly [column: string]: ColumnType } };

/** Rows in files below the server's data roots; their types are told from them where `columns` does not say. */
export function files<const N extends string, const V extends string = 'v1'>(
  name: N,
  paths: string | readonly string[],
  said: FilesOptions<V> = {},
): SourceOf<N, V> {
  requireOptions(callOf('files', name, paths), said);
  const { format, csv, hivePartitions, columns, ...options } = said;
  const [call, fix] = [callOf('files', name, paths), "Write files('trips', 'trips.csv')."];
  requireText(call, 'the name', name, fix);
  const all: readonly unknown[] = Array.isArray(paths) ? paths : [paths];
  for (const path of all) requireText(call, 'a path', path, fix);
  if (columns !== undefined) requireTypes(call, 'columns', columns, 'Write columns: { driver_id: int64() }.');
  const declared =
    columns && Object.entries(columns).map(([column, { type }]): FileColumnInput => ({ name: column, type }));
  const read = { format, csv, hivePartitions, columns: declared };
  const given = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
  return source(name, options, { files: { paths: typeof paths === 'string' ? [paths] : [...paths], ...given } });
}

/** Rows in a table or view of the provider. */
export function table<const N extends string, const V extends string = 'v1'>(
  name: N,
  said: Options<V> & { schema?: string; table?: string } = {},
): SourceOf<N, V> {
  requireOptions(callOf('table', name), said);
  const { schema, table, ...options } = said;
  requireText(callOf('table', name), 'the name', name, "Write table('trips', { schema: 'public' }).");
  const where: TableInput = { ...(schema !== undefined && { schema }), name: table ?? name };
  return source(name, options, { table: where });
}

/** Rows by SQL over other sources. A TABLE is stored by a job, a VIEW computed at each reading; TABLE when left out. */
export function transformation<const N extends string, const V extends string = 'v1'>(
  name: N,
  query: string,
  said: Options<V> & { as?: TransformationForm } = {},
): SourceOf<N, V> {
  requireOptions(callOf('transformation', name, query), said);
  const { as, ...options } = said;
  const [call, fix] = [
    callOf('transformation', name, query),
    "Write transformation('busy', 'select * from {{ trips }}').",
  ];
  requireText(call, 'the name', name, fix);
  requireText(call, 'the SQL', query, fix);
  return source(name, options, { transformation: { sql: query, ...(as && { as }) } });
}

/** SQL that names sources: `` sql`select * from ${trips}` ``. Text, and numbers, stand for themselves. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (SourceOf | string | number)[]): string {
  if (!Array.isArray(texts?.raw))
    misuse(callOf('sql', texts), 'it was called', 'Write it before the text: sql`select 1`.');
  const written = parts.map((part) => {
    if (typeof part === 'string' || typeof part === 'number') return part;
    const call = 'sql`…`';
    requireMade(call, 'what stands in it', part, 'source', 'Name what files(…), table(…) or transformation(…) made.');
    return `{{ ${referenceTo(part.source)} }}`;
  });
  return String.raw(texts, ...written);
}
