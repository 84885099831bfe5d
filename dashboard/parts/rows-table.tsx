import { useMemo } from 'react';
import type { JsonValue } from '../generated/operations.ts';
import type { Column } from './column.ts';
import { DataTable } from './data-table.tsx';
import { Value } from './value.tsx';

export type RowsColumn = { name: string; type: string; masked: boolean };
type Row = { at: number; values: readonly JsonValue[] };

/** Rows as a store has them, with the type of each column; what one may not see says so. */
export function RowsTable({
  label,
  columns,
  rows,
}: {
  label: string;
  columns: readonly RowsColumn[];
  rows: readonly (readonly JsonValue[])[];
}) {
  const heads = useMemo(
    () =>
      columns.map(
        ({ name, type, masked }, at): Column<Row> => ({
          id: name,
          head: `${name} ${type}`,
          cell: ({ values }) =>
            masked ? <span className="text-soft">masked</span> : <Value of={values[at]} type={type} />,
          sort: ({ values }) => sortable(values[at]),
          isNumber: /^(INT|FLOAT)\d+$/.test(type),
        }),
      ),
    [columns],
  );
  const numbered = useMemo(() => rows.map((values, at) => ({ at, values })), [rows]);
  return <DataTable label={label} columns={heads} rows={numbered} rowKey={({ at }) => String(at)} />;
}

function sortable(value: JsonValue | undefined): string | number | boolean | undefined {
  return typeof value === 'object' || value === undefined ? undefined : value;
}
