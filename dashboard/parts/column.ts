import type { ReactNode } from 'react';

/** One column of a table: what it shows of each row. */
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
