import type { Column } from '../../../providers/contract/offline-store.ts';
import { formatValueType, parseValueType, type ValueType } from '../../../providers/contract/value-type.ts';
import type { ResourceOf } from '../catalog.ts';
import { keyColumns } from '../selection.ts';
import { nearestName } from '../spelling.ts';
import type { Report } from './check-world.ts';

/** The columns of one source, and how to complain of them. */
export type ColumnCheck = {
  columns: readonly Column[];
  /** What the columns are of, in words. */
  source: string;
  /** What can be done about the type of a column, in words; a cast in a transformation when left out. */
  remedy?: string;
  report: Report;
};

const cast = 'cast the column in a transformation';

/** That a column is there and has the declared type, to the letter: a wider or narrower one would change values. */
export function checkColumn(check: ColumnCheck, path: string, name: string, declared: string): void {
  const column = findColumn(check, path, name);
  if (column === undefined || holdsType(column, declared)) return;
  reportType(check, path, column, declared, `Declare ${typeOf(column)}, or ${check.remedy ?? cast}.`);
}

/** That a column is there and has some type of ours. */
export function checkTyped(check: ColumnCheck, path: string, name: string): void {
  const column = findColumn(check, path, name);
  if (column === undefined || column.type !== undefined) return;
  const message = `Column "${name}" of ${check.source} is ${column.engineType}, which no type holds exactly.`;
  check.report(path, message, `${sentence(check.remedy ?? cast)}.`);
}

function reportType(check: ColumnCheck, path: string, column: Column, wanted: string, fix: string): void {
  const has = typeOf(column);
  const message = `Column "${column.name}" of ${check.source} is ${has}, not ${wanted}.`;
  const noType = `No type holds ${has} exactly: ${check.remedy ?? cast}.`;
  check.report(path, message, column.type === undefined ? noType : fix);
}

function typeOf(column: Column): string {
  return column.type === undefined ? column.engineType : formatValueType(column.type);
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
    `${sentence(check.remedy ?? cast)}.`,
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
    const found = findColumn(check, place, column);
    if (found === undefined || holdsType(found, declared)) continue;
    if (declared === 'INT64' && holdsType(found, 'INT32')) continue;
    reportType(check, place, found, declared, `${sentence(check.remedy ?? cast)}: the key is ${declared}.`);
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
function holdsType(column: Column, declared: string): boolean {
  const type = parseValueType(declared);
  if (column.type === undefined || type === undefined) return type === undefined;
  const stored: ValueType = type.kind === 'VECTOR' ? { kind: 'ARRAY', element: 'FLOAT32' } : type;
  return formatValueType(column.type) === formatValueType(stored);
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
