import type { Column } from '../../../providers/contract/offline-store.ts';
import { formatValueType, parseValueType, type ValueType } from '../../../providers/contract/value-type.ts';
import type { ResourceOf } from '../catalog.ts';
import { keyColumns } from '../selection.ts';
import { nearestName } from '../spelling.ts';
import type { Report } from './check-world.ts';

/** The columns of one source, and how to complain of them. */
export type ColumnCheck = { columns: readonly Column[]; source: string; report: Report };

/** That a column is there and has the declared type, to the letter: a wider or narrower one would change values. */
export function checkColumn(
  { columns, source, report }: ColumnCheck,
  path: string,
  name: string,
  declared: string,
): void {
  const column = findColumn({ columns, source, report }, path, name);
  const type = parseValueType(declared);
  if (column === undefined || type === undefined || holds(column, type)) return;
  const has = column.type === undefined ? column.engineType : formatValueType(column.type);
  const message = `Column "${name}" of ${source} is ${has}, not ${declared}.`;
  const cast = `cast the column in a transformation`;
  report(
    path,
    message,
    column.type === undefined ? `No type holds ${has} exactly: ${cast}.` : `Declare ${has}, or ${cast}.`,
  );
}

/** That a column is there and that some type of ours holds its values, whichever. */
export function checkTyped(check: ColumnCheck, path: string, name: string): void {
  const column = findColumn(check, path, name);
  if (column === undefined || column.type !== undefined) return;
  const message = `Column "${name}" of ${check.source} is ${column.engineType}, which no type holds exactly.`;
  check.report(path, message, 'Cast the column in a transformation.');
}

/** A day stands for its midnight in UTC. */
export function checkTimestamp(check: ColumnCheck, path: string, name: string | undefined): void {
  if (name === undefined) return;
  const column = findColumn(check, path, name);
  if (column?.type?.kind === 'SCALAR' && (column.type.name === 'TIMESTAMP' || column.type.name === 'DATE')) return;
  if (column === undefined) return;
  check.report(
    path,
    `Column "${name}" of ${check.source} is ${column.engineType}, neither a timestamp nor a date.`,
    'Cast it in a transformation.',
  );
}

/** That every join key has its column, and that the mapping names only join keys. An INT32 column can hold INT64 keys. */
export function checkJoinKeys(
  check: ColumnCheck,
  path: string,
  entity: ResourceOf<'ENTITY'>,
  mapping: readonly { joinKey: string; column: string }[],
): void {
  checkMapping(check.report, path, entity, mapping);
  for (const { joinKey, column } of keyColumns(entity, mapping)) {
    const declared = entity.definition.joinKeys.find((key) => key.name === joinKey)?.type ?? '';
    const at = mapping.findIndex((one) => one.joinKey === joinKey);
    const place = at < 0 ? path : `${path}[${at}].column`;
    const found = check.columns.find((one) => one.name === column);
    const widens = declared === 'INT64' && found?.type !== undefined && formatValueType(found.type) === 'INT32';
    if (!widens) checkColumn(check, place, column, declared);
  }
}

function checkMapping(
  report: Report,
  path: string,
  entity: ResourceOf<'ENTITY'>,
  mapping: readonly { joinKey: string }[],
): void {
  const names = entity.definition.joinKeys.map((key) => key.name);
  for (const [at, { joinKey }] of mapping.entries()) {
    if (!names.includes(joinKey)) {
      report(`${path}[${at}].joinKey`, `${entity.ref} has no join key "${joinKey}".`, `It has ${names.join(', ')}.`);
    } else if (mapping.findIndex((one) => one.joinKey === joinKey) !== at) {
      report(`${path}[${at}].joinKey`, `Join key "${joinKey}" is mapped twice.`, 'Remove one of the two.');
    }
  }
}

function findColumn({ columns, source, report }: ColumnCheck, path: string, name: string): Column | undefined {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name);
  const near = nearestName(name, names);
  report(
    path,
    `${source} has no column "${name}".`,
    near === undefined ? `It has ${names.join(', ')}.` : `Did you mean "${near}"?`,
  );
  return undefined;
}

/** A vector is read from an array of FLOAT32: what it is made of, so nothing is rounded. */
function holds(column: Column, declared: ValueType): boolean {
  if (column.type === undefined) return false;
  const stored: ValueType = declared.kind === 'VECTOR' ? { kind: 'ARRAY', element: 'FLOAT32' } : declared;
  return formatValueType(column.type) === formatValueType(stored);
}
