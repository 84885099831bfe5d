import { columnIdentity } from '../../providers/contract/column-names.ts';
import type { Column } from '../../providers/contract/offline-store.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import type { TypedColumn } from '../../providers/contract/table.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import type { Report } from '../registry/checks/check-world.ts';
import { readValueType } from '../registry/value-type-spelling.ts';
import { fromJson } from '../values/json-value.ts';
import type { HistoricalInput } from './historical-input.ts';

type OwnRows = NonNullable<HistoricalInput['spine']['rows']>;

/** A caller's own rows, read; everything about them that is wrong is reported. */
export function readSpineRows({ columns, rows }: OwnRows, report: Report): Extract<Relation, { kind: 'ROWS' }> {
  checkNames(columns, report);
  const typed: TypedColumn[] = columns.flatMap(({ name, type: written }, at) => {
    const read = readValueType(written);
    if ('type' in read && read.type.kind !== 'MAP') return { name, type: read.type };
    if ('type' in read) {
      const fix = 'Leave it out: maps are made by windows with a secondaryKey, and by nothing else.';
      report(`spine.rows.columns[${at}].type`, 'No column of a spine is a map.', fix);
    } else report(`spine.rows.columns[${at}].type`, read.message, read.fix);
    return [];
  });
  if (typed.length < columns.length) return { kind: 'ROWS', columns: typed, rows: [] };
  const values = rows.map((row, at) => readRow(typed, row, `spine.rows.rows[${at}]`, report));
  return { kind: 'ROWS', columns: typed, rows: values };
}

/** As a store would tell of them. */
export function columnsOfRows(columns: readonly TypedColumn[], written: OwnRows['columns']): Column[] {
  return columns.map(({ name, type }, at) => ({ name, type, engineType: written[at]?.type ?? '', nullable: true }));
}

function checkNames(columns: OwnRows['columns'], report: Report): void {
  const first = new Map<string, string>();
  for (const [at, { name }] of columns.entries()) {
    const other = first.get(columnIdentity(name));
    first.set(columnIdentity(name), other ?? name);
    if (other === undefined) continue;
    const message =
      other === name ? `"${name}" is given twice` : `"${other}" and "${name}" differ in letter case alone`;
    report(`spine.rows.columns[${at}].name`, message, 'Give each column a name of its own.');
  }
}

function readRow(columns: readonly TypedColumn[], row: readonly unknown[], path: string, report: Report): Value[] {
  if (row.length !== columns.length)
    report(path, `has ${row.length} values`, `Give one for each of the ${columns.length} columns.`);
  return columns.map(({ type }, at) => {
    const read = fromJson(type, row[at]);
    if (!('problem' in read)) return read.value;
    report(`${path}[${at}]`, read.problem);
    return null;
  });
}
