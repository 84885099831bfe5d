import { Failure } from '../../providers/contract/failure.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { placeholdersIn } from '../../providers/contract/sql-text.ts';
import { limitExceeded } from '../limit-exceeded.ts';
import type { Catalog, ResourceOf } from './catalog.ts';
import type { SourceDefinition } from './definitions/definition.ts';
import { filesRelation } from './files-relation.ts';

/** Whether a source's rows are what its TRANSFORM job stores: those of a transformation that is a TABLE. */
export function isStored({ transformation }: SourceDefinition): boolean {
  return transformation !== undefined && transformation.as !== 'VIEW';
}

/** Whether reading a source runs its SQL: that of a VIEW always, that of a TABLE until its job has run. */
export function isComputed({ definition, status }: ResourceOf<'SOURCE'>): boolean {
  return definition.transformation !== undefined && !(isStored(definition) && status === 'READY');
}

/** How many relations may be in one. With inputs that share inputs there are twice as many with each step. */
const mostRelations = 1_000;

/** What of these may still be there, in what is under way. */
type Budget = { left: number };

/**
 * A source as its offline store reads it. A transformation is the table which its job left, or where there is none
 * its SQL over its inputs, so that columns are known before anything runs. Fails with LIMIT_EXCEEDED where too much is
 * computed from one another.
 */
export function relationOf(catalog: Catalog, source: ResourceOf<'SOURCE'>): Relation {
  return relationWithin(catalog, source, { left: mostRelations });
}

/** A source as it is defined, whether or not it is stored: what its transform job runs. Fails as `relationOf` does. */
export function definedRelation(catalog: Catalog, source: ResourceOf<'SOURCE'>): Relation {
  return definedWithin(catalog, source, { left: mostRelations });
}

function relationWithin(catalog: Catalog, source: ResourceOf<'SOURCE'>, budget: Budget): Relation {
  if (isStored(source.definition) && !isComputed(source)) return { kind: 'TRANSFORMED', id: source.ref };
  return definedWithin(catalog, source, budget);
}

function definedWithin(catalog: Catalog, source: ResourceOf<'SOURCE'>, budget: Budget): Relation {
  if (budget.left-- <= 0) throw tooManyRelations(source);
  const { files, table, transformation } = source.definition;
  if (files !== undefined) return filesRelation(files);
  if (table !== undefined)
    return { kind: 'TABLE', table: table.name, ...(table.schema !== undefined && { schema: table.schema }) };
  if (transformation === undefined) throw new Failure('INTERNAL', `source ${source.ref} has no rows`);
  const inputs = Object.fromEntries(
    inputsOf(catalog, source).map((input) => [input.ref, relationWithin(catalog, input, budget)]),
  );
  return { kind: 'QUERY', sql: transformation.sql, inputs };
}

function tooManyRelations({ ref }: ResourceOf<'SOURCE'>): Failure {
  const what = 'transformations that are computed within one another';
  const fix = 'Register those below first, as TABLEs, and what is built on them once these are READY.';
  return limitExceeded({ path: ref, what, found: 'more', most: mostRelations, fix });
}

/** The sources that a transformation's SQL names, each once. */
export function inputsOf(catalog: Catalog, source: ResourceOf<'SOURCE'>): ResourceOf<'SOURCE'>[] {
  const sql = source.definition.transformation?.sql ?? '';
  return placeholdersIn(sql).flatMap((reference) => catalog.find('SOURCE', reference) ?? []);
}

/** The offline store that a source lives in. */
export function providerOf(catalog: Catalog, source: ResourceOf<'SOURCE'>): ResourceOf<'PROVIDER'> {
  const provider = catalog.find('PROVIDER', source.definition.provider ?? '');
  if (provider === undefined) throw new Failure('INTERNAL', `source ${source.ref} has no provider`);
  return provider;
}
