import { observeWindowOffset, observeWindowRect, useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef } from 'react';
import type { Column } from './column.ts';

type Shown<Row> = { id: string; original: Row };
type Props<Row> = { rows: readonly Shown<Row>[]; columns: readonly Column<Row>[] };

/** Beyond so many rows only those in sight are there: a telephone takes a second to lay out a hundred. */
const mostWhole = 50;
const rowHeight = 37;
/** About what a screen has room for, until the browser has said how large it is. */
const rowsOfScreen = 25;

export function TableRows<Row>(props: Props<Row>) {
  return props.rows.length <= mostWhole ? <AllRows {...props} /> : <RowsInSight {...props} />;
}

function AllRows<Row>({ rows, columns }: Props<Row>) {
  return (
    <tbody>
      {rows.map(({ id, original }) => (
        <TableRow key={id} of={original} columns={columns as Column<unknown>[]} isWhole />
      ))}
    </tbody>
  );
}

function RowsInSight<Row>({ rows, columns }: Props<Row>) {
  const place = useRef<HTMLTableSectionElement>(null);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: place.current?.offsetTop ?? 0,
    ...unhurried,
  });
  const items = virtual.getVirtualItems();
  const start = items[0]?.index ?? 0;
  const end = (items.at(-1)?.index ?? rowsOfScreen - 1) + 1;
  return (
    <tbody ref={place}>
      <Filler rows={start} columns={columns.length} />
      {rows.slice(start, end).map(({ id, original }) => (
        <TableRow key={id} of={original} columns={columns as Column<unknown>[]} isWhole={false} />
      ))}
      <Filler rows={rows.length - end} columns={columns.length} />
    </tbody>
  );
}

/**
 * To ask where one has scrolled to makes the browser lay out all that was just made, at once. It has done so by itself when
 * the first rows are there to be seen; and the page is where it is.
 */
const unhurried = {
  observeElementRect: whenDrawn(observeWindowRect),
  observeElementOffset: whenDrawn(observeWindowOffset),
  scrollToFn: () => {},
};

function whenDrawn<Given extends unknown[]>(observe: (...given: Given) => (() => void) | undefined) {
  return (...given: Given) => {
    let stop: (() => void) | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => {
        stop = observe(...given);
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      stop?.();
    };
  };
}

type OneRow = { of: unknown; columns: readonly Column<unknown>[]; isWhole: boolean };

const TableRow = memo(function TableRow({ of, columns, isWhole }: OneRow) {
  return (
    <tr className="border-line border-t first:border-t-0 hover:bg-raised">
      {columns.map((column) => (
        <td key={column.id} className={cellClass(column, isWhole)}>
          {column.cell(of)}
        </td>
      ))}
    </tr>
  );
});

/** On a small screen the name in front goes on in the next line, and leaves room for the rest; not where lines must be alike. */
function cellClass({ isNumber, isRest }: Pick<Column<unknown>, 'isNumber' | 'isRest'>, isWhole: boolean): string {
  const width = isRest ? 'max-w-0' : 'max-w-96';
  const wraps = isWhole ? 'max-sm:first:max-w-60 max-sm:first:whitespace-normal' : '';
  return `truncate px-3 py-2 ${width} ${wraps} ${isNumber ? 'text-right tabular-nums' : ''}`;
}

function Filler({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height: rows * rowHeight }} />
    </tr>
  );
}
