import type { DuckdbSession, Watch } from '../duckdb-connections.ts';

/** What is told of the cells of a column: an aggregate of an expression over a cell, which leaves out what is null. */
export type Measure = { aggregate: 'count' | 'min' | 'max'; of(cell: string): string };

/** `cell` is an expression over the rows; those of one call are of one type. */
export type MeasuredColumn = { cell: string; measures: readonly Measure[] };

/** Null where the least or greatest of nothing was asked for. */
export type Measured = bigint | null;

/** So many columns are measured where they stand, which is a quarter quicker with many rows. */
const sideBySide = 50;

/** So many columns stand one below the other at once: the engine does it with 2,048 rows at a time. */
const columnsAtOnce = 1_000;

export function counting(condition: (cell: string) => string): Measure {
  return { aggregate: 'count', of: (cell) => `CASE WHEN ${condition(cell)} THEN 1 END` };
}

/**
 * What each column's measures are, in their order. Cells of many columns are put one below the other, so that an
 * expression is bound and its patterns are compiled once for all that it is asked of: once for each, a thousand columns of
 * a few rows take a minute.
 */
export async function measureCells(
  columns: readonly MeasuredColumn[],
  rows: string,
  session: DuckdbSession,
  watch: Watch,
): Promise<Measured[][]> {
  const measured: Measured[][] = columns.map(({ measures }) => measures.map(() => 0n));
  const asked = columns.map((column, at) => ({ ...column, at })).filter(({ measures }) => measures.length > 0);
  if (asked.length === 0) return measured;
  if (asked.length <= sideBySide) {
    const [row = []] = await session.run(sideBySideSql(asked, rows), watch);
    const values = [...row] as Measured[];
    for (const { at, measures } of asked) measured[at] = values.splice(0, measures.length);
    return measured;
  }
  for (let from = 0; from < asked.length; from += columnsAtOnce) {
    const groups = measuredAlike(asked.slice(from, from + columnsAtOnce));
    const places = groups.flatMap(({ columns: some, ...group }) => some.map(({ at }) => ({ at, ...group })));
    for (const row of await session.run(oneBelowTheOtherSql(groups, rows), watch)) {
      const place = places[Number(row[0])];
      if (place === undefined) continue;
      measured[place.at] = row.slice(place.value, place.value + place.measures.length) as Measured[];
    }
  }
  return measured;
}

type Asked = MeasuredColumn & { at: number };

/** Columns with the same measures: the first of them stands at `place`, their first measure at `value`. */
type Group = { columns: readonly Asked[]; measures: readonly Measure[]; place: number; value: number };

function measuredAlike(columns: readonly Asked[]): Group[] {
  const groups: Group[] = [];
  let [place, value] = [0, 1];
  const inWords = ({ measures }: Asked) => measures.map((measure) => measureSql(measure, 'cell')).join();
  for (const alike of Map.groupBy(columns, inWords).values()) {
    const measures = alike[0]?.measures ?? [];
    groups.push({ columns: alike, measures, place, value });
    place += alike.length;
    value += measures.length;
  }
  return groups;
}

function measureSql({ aggregate, of }: Measure, cell: string, condition?: string): string {
  return `${aggregate}(${condition === undefined ? of(cell) : `CASE WHEN ${condition} THEN ${of(cell)} END`})`;
}

function sideBySideSql(columns: readonly Asked[], rows: string): string {
  const items = columns.flatMap(({ cell, measures }) => measures.map((measure) => measureSql(measure, cell)));
  return `SELECT ${items.join(', ')} FROM ${rows} AS cells`;
}

/** Of each place, all that is measured anywhere; what is not asked of it is not worked out. */
function oneBelowTheOtherSql(groups: readonly Group[], rows: string): string {
  const items = groups.flatMap(({ columns, measures, place }) => {
    const isOfGroup = `place BETWEEN ${place} AND ${place + columns.length - 1}`;
    return measures.map((measure) => measureSql(measure, 'cell', isOfGroup));
  });
  const cells = groups.flatMap(({ columns }) => columns.map(({ cell }) => cell));
  const below = `SELECT unnest([${cells.join(', ')}]) AS cell, unnest(range(${cells.length})) AS place FROM ${rows}`;
  return `SELECT place, ${items.join(', ')} FROM (${below}) AS cells GROUP BY place`;
}
