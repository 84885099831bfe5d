import { Failure } from '../../providers/contract/failure.ts';
import { placeholder, type Relation } from '../../providers/contract/relation.ts';
import type { Catalog, ResourceOf } from './catalog.ts';

/**
 * A source as its offline store reads it. A transformation that has run is the table which it left; one that has
 * not is its SQL over its inputs, so that columns are known before anything runs.
 */
export function relationOf(catalog: Catalog, source: ResourceOf<'SOURCE'>): Relation {
  const { definition } = source;
  if (definition.transformation !== undefined && source.status === 'READY')
    return { kind: 'TRANSFORMED', id: source.ref };
  return definedRelation(catalog, source);
}

/** A source as it is defined, whether or not it has run: what its transform job runs. */
export function definedRelation(catalog: Catalog, source: ResourceOf<'SOURCE'>): Relation {
  const { files, table, transformation } = source.definition;
  if (files?.format !== undefined) return { kind: 'FILES', format: files.format, paths: files.paths };
  if (table !== undefined)
    return { kind: 'TABLE', table: table.name, ...(table.schema !== undefined && { schema: table.schema }) };
  if (transformation === undefined) throw new Failure('INTERNAL', `source ${source.ref} has no rows`);
  const inputs = Object.fromEntries(inputsOf(catalog, source).map((input) => [input.ref, relationOf(catalog, input)]));
  return { kind: 'QUERY', sql: transformation.sql, inputs };
}

/** The sources that a transformation's SQL names, each once. */
export function inputsOf(catalog: Catalog, source: ResourceOf<'SOURCE'>): ResourceOf<'SOURCE'>[] {
  const sql = source.definition.transformation?.sql ?? '';
  const references = new Set([...sql.matchAll(placeholder)].map(([, reference = '']) => reference));
  return [...references].flatMap((reference) => catalog.find('SOURCE', reference) ?? []);
}

/** The offline store that a source lives in. */
export function providerOf(catalog: Catalog, source: ResourceOf<'SOURCE'>): ResourceOf<'PROVIDER'> {
  const provider = catalog.find('PROVIDER', source.definition.provider ?? '');
  if (provider === undefined) throw new Failure('INTERNAL', `source ${source.ref} has no provider`);
  return provider;
}
