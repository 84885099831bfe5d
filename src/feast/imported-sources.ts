import { z } from 'zod';
import type { FeastSource } from './registry-dump.ts';

/** A source's own part of a definition. */
export type ImportedRows =
  | { files: { paths: string[] } }
  | { table: { schema?: string; name: string } }
  | { transformation: { sql: string; as: 'VIEW' } };

const pluggedIn = z.object({ table: z.string().default(''), query: z.string().default('') });

/** Where the rows of a source are; undefined where nothing of ours reads them. Notes say what there is to see to. */
export function importedRows(source: FeastSource, notes: string[]): ImportedRows | undefined {
  const name = `data source "${source.name}"`;
  if (source.fileOptions !== undefined && source.fileOptions.uri !== '') {
    const { uri } = source.fileOptions;
    if (!/^[a-z0-9]+:\/\//i.test(uri)) return { files: { paths: [uri] } };
    notes.push(
      `${name}: ${uri} is not on this machine's disk. Bring its files below a data root, and write their path.`,
    );
    return { files: { paths: [uri.replace(/^.*\//, '')] } };
  }
  const warehouse = warehouseOf(source);
  if (warehouse === undefined) {
    notes.push(`${name}: rows of the kind ${source.type || 'unknown'} are not read.`);
    return undefined;
  }
  const { product, table, query, schema } = warehouse;
  if (product !== 'postgres') notes.push(`${name}: it is in ${product}. Give it a provider that holds the same rows.`);
  if (query !== '') return { transformation: { sql: query, as: 'VIEW' } };
  const [own = '', ...owners] = table.replaceAll(/[`"]/g, '').split('.').toReversed();
  const within = schema === '' ? owners[0] : schema;
  return { table: { ...(within !== undefined && { schema: within }), name: own } };
}

function warehouseOf(source: FeastSource) {
  const products = {
    snowflake: source.snowflakeOptions,
    bigquery: source.bigqueryOptions,
    redshift: source.redshiftOptions,
    trino: source.trinoOptions,
    athena: source.athenaOptions,
    spark: source.sparkOptions,
  };
  const [found] = Object.entries(products).filter(([, options]) => options && (options.table || options.query));
  if (found?.[1] !== undefined) return { product: found[0], ...found[1] };
  const plugged = pluggedIn.safeParse(configurationOf(source)).data;
  if (plugged === undefined || (plugged.table === '' && plugged.query === '')) return undefined;
  const product = /postgres/i.test(source.dataSourceClassType) ? 'postgres' : source.dataSourceClassType;
  return { product, ...plugged, schema: '' };
}

function configurationOf({ customOptions }: FeastSource): unknown {
  try {
    return JSON.parse(Buffer.from(customOptions?.configuration ?? '', 'base64').toString());
  } catch {
    return undefined;
  }
}
