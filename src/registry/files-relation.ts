import { Failure } from '../../providers/contract/failure.ts';
import type { FileColumn, FilesRelation } from '../../providers/contract/relation.ts';
import { formatValueType, parseValueType } from '../../providers/contract/value-type.ts';
import type { Definition, FilesDefinition } from './definitions/definition.ts';

/** Files as their offline store reads them. */
export function filesRelation({ format, columns, csv, ...files }: FilesDefinition): FilesRelation {
  if (format === undefined) throw new Failure('INTERNAL', 'files have no format');
  return {
    kind: 'FILES',
    format,
    paths: files.paths,
    ...(columns !== undefined && { columns: columns.map(columnOf) }),
    ...(csv !== undefined && { csv: withoutUndefined(csv) }),
    ...(files.hivePartitions === true && { hivePartitions: true }),
  };
}

function columnOf({
  name,
  type: written,
  engineType,
  format,
}: NonNullable<FilesDefinition['columns']>[number]): FileColumn {
  const type = written === undefined ? undefined : parseValueType(written);
  return withoutUndefined({ name, type, engineType, format });
}

/** The definition of files whose columns and layout their store has decided. */
export function decidedDefinition(files: FilesDefinition, { columns = [], csv }: FilesRelation): FilesDefinition {
  const written = columns.map(({ type, ...column }) => ({ ...column, ...(type && { type: formatValueType(type) }) }));
  return { ...files, columns: written, ...(csv !== undefined && { csv }) };
}

/**
 * A definition of files under a variant that is registered: what it leaves out stays as it was decided then, however
 * the files have changed, so that registering it again changes nothing.
 */
export function withDecidedFiles(definition: Definition, before: Definition | undefined): Definition {
  if (definition.kind !== 'SOURCE' || before?.kind !== 'SOURCE') return definition;
  const [now, then] = [definition.files, before.files];
  if (now === undefined || then?.columns === undefined) return definition;
  const said = new Map((now.columns ?? []).map((column) => [column.name, column]));
  const kept = then.columns.map((column) => ({ ...column, ...said.get(column.name) }));
  const added = [...said.values()].filter(({ name }) => !kept.some((column) => column.name === name));
  const csv = now.csv === undefined ? then.csv : { ...then.csv, ...now.csv };
  return { ...definition, files: { ...now, columns: [...kept, ...added], ...(csv !== undefined && { csv }) } };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as never;
}
