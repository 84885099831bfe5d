import { Failure } from '../../providers/contract/failure.ts';
import { placeholdersIn } from '../../providers/contract/sql-text.ts';
import type { Catalog, ResourceOf } from './catalog.ts';
import type { SourceDefinition } from './definitions/definition.ts';

/** Whether a source's rows are what its TRANSFORM job stores: those of a transformation that is a TABLE. */
export function isStored({ transformation }: SourceDefinition): boolean {
  return transformation !== undefined && transformation.as !== 'VIEW';
}

/** Whether reading a source runs its SQL: that of a VIEW always, that of a TABLE until its job has run. */
export function isComputed({ definition, status }: ResourceOf<'SOURCE'>): boolean {
  return definition.transformation !== undefined && !(isStored(definition) && status === 'READY');
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
