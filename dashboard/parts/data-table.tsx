import {
  type ColumnDef,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useMemo } from 'react';
import type { Column } from './column.ts';
import { Scrolls } from './scrolls.tsx';
import { TableRows } from './table-rows.tsx';

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

type Props<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
};

/** A table whose columns sort where they can; where it is too wide it scrolls by itself, and is reached by keyboard. */
export function DataTable<Row extends RowData>({ label, columns, rows, rowKey }: Props<Row>) {
  const data = useMemo(() => [...rows], [rows]);
  const definitions = useMemo(() => columns.map((column) => definitionOf(column)), [columns]);
  const table = useTable({ features, columns: definitions, data, getRowId: rowKey, enableSortingRemoval: true });
  const shown = table.getRowModel().rows;
  const byId = new Map(columns.map((column) => [column.id, column]));
  return (
    <Scrolls label={label} className="panel">
      <table className="w-full border-collapse text-left" aria-rowcount={shown.length + 1}>
        <thead className="border-line border-b text-soft text-xs">
          <tr>
            {table.getFlatHeaders().map((header) => {
              const column = byId.get(header.id);
              const sorted = header.column.getIsSorted();
              return (
                <th
                  key={header.id}
                  scope="col"
                  aria-sort={sorted === false ? undefined : sorted === 'asc' ? 'ascending' : 'descending'}
                  className={`whitespace-nowrap px-3 py-2 font-medium ${column?.isNumber ? 'text-right' : ''} ${column?.isRest ? 'w-full min-w-32' : ''}`}
                >
                  {column?.sort === undefined ? (
                    column?.head
                  ) : (
                    <button
                      type="button"
                      className="inline-flex items-center gap-1 hover:text-ink"
                      onClick={header.column.getToggleSortingHandler()}
                    >
                      {column.head}
                      {sorted === 'asc' && <ArrowUp size={12} aria-hidden />}
                      {sorted === 'desc' && <ArrowDown size={12} aria-hidden />}
                    </button>
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <TableRows rows={shown} columns={columns} />
      </table>
    </Scrolls>
  );
}

function definitionOf<Row extends RowData>({ id, sort }: Column<Row>): ColumnDef<typeof features, Row> {
  return {
    id,
    accessorFn: (row) => sort?.(row) ?? undefined,
    enableSorting: sort !== undefined,
    sortUndefined: 'last',
    sortFn: (a, b) => compared(a.getValue(id), b.getValue(id)),
  };
}

function compared(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b);
  return Number(a) - Number(b);
}
