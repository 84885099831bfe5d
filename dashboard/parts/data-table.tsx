import {
  type ColumnDef,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useMemo, useRef } from 'react';
import { Scrolls } from './scrolls.tsx';

export type Column<Row> = {
  id: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** By what its rows are sorted, where they can be. */
  sort?: (row: Row) => string | number | boolean | null | undefined;
  isNumber?: boolean;
  /** It takes the room that the others leave, and is cut there: what is long and not missed first. */
  isRest?: boolean;
};

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

/** Beyond so many rows only those in sight are there. */
const all = 150;
const rowHeight = 37;

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
  const place = useRef<HTMLTableSectionElement>(null);
  const isWhole = shown.length <= all;
  // To ask where something stands makes the browser lay everything out: only where it must be known.
  const virtual = useWindowVirtualizer({
    enabled: !isWhole,
    count: shown.length,
    estimateSize: () => rowHeight,
    overscan: 20,
    scrollMargin: isWhole ? 0 : (place.current?.offsetTop ?? 0),
  });
  const items = virtual.getVirtualItems();
  const first = isWhole ? 0 : (items[0]?.index ?? 0);
  const end = isWhole ? shown.length : (items.at(-1)?.index ?? all) + 1;
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
        <tbody ref={place}>
          <Filler rows={first} columns={columns.length} />
          {shown.slice(first, end).map((row) => (
            <tr key={row.id} className="border-line border-t first:border-t-0 hover:bg-raised">
              {columns.map((column) => (
                <td key={column.id} className={cellClass(column, isWhole)}>
                  {column.cell(row.original)}
                </td>
              ))}
            </tr>
          ))}
          <Filler rows={shown.length - end} columns={columns.length} />
        </tbody>
      </table>
    </Scrolls>
  );
}

/** On a small screen the name in front goes on in the next line, and leaves room for the rest; not where lines must be alike. */
function cellClass({ isNumber, isRest }: Pick<Column<unknown>, 'isNumber' | 'isRest'>, isWhole: boolean): string {
  const width = isRest ? 'max-w-0' : 'max-w-96';
  const wraps = isWhole ? 'max-sm:first:max-w-60 max-sm:first:whitespace-normal' : '';
  return `truncate px-3 py-2 ${width} ${wraps} ${isNumber ? 'text-right tabular-nums' : ''}`;
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

function Filler({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height: rows * rowHeight }} />
    </tr>
  );
}
