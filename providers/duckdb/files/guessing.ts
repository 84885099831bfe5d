import { scalar, type ValueType } from '../../contract/value-type.ts';
import type { DuckdbSession, Watch } from '../duckdb-connections.ts';
import { fractions, plainTexts } from './text-forms.ts';

/** A type that a column may have, and whether a cell that is there can't be anything else. */
export type Candidate = { type: ValueType; fits(cell: string): string };

/** Of cells that are texts, in the order in which they are tried. */
export const textCandidates: readonly Candidate[] = (['INT64', 'FLOAT64', 'BOOL', 'DATE', 'TIMESTAMP'] as const).map(
  (name) => ({ type: scalar(name), fits: plainTexts[name] }),
);

/** A column whose type is to be guessed; `cell` and `present` are expressions over the rows. */
export type Unguessed = { name: string; cell: string; present: string };

/** Rows whose cells are read as they are written; the first of them are enough to tell what most columns are not. */
export type CellRows = { all: string; first: string };

/** So many rows tell what most columns are not. */
export const sampleRows = 2_000;

/** So many columns are looked at in one statement. */
const columnsAtOnce = 100;

/**
 * The first candidate that all cells of a column are, by the column's name; none for a column that is nothing of the
 * kind, or that has no cells.
 */
export async function guessTypes(
  columns: readonly Unguessed[],
  rows: CellRows,
  candidates: readonly Candidate[],
  session: DuckdbSession,
  watch: Watch,
): Promise<Map<string, ValueType>> {
  const guessed = new Map<string, ValueType>();
  for (let at = 0; at < columns.length; at += columnsAtOnce) {
    const some = columns.slice(at, at + columnsAtOnce);
    const first = await countMisfits(some, () => candidates, rows.first, session, watch);
    let open = some.map((column, index) => ({
      column,
      left: candidates.filter((_, place) => first[index]?.misfits[place] === 0n),
    }));
    while (open.length > 0) {
      const all = await countMisfits(
        open.map(({ column }) => column),
        (index) => open[index]?.left.slice(0, 1) ?? [],
        rows.all,
        session,
        watch,
      );
      open = open.flatMap(({ column, left: [candidate, ...others] }, index) => {
        const counted = all[index];
        if (candidate === undefined || counted === undefined || counted.present === 0n) return [];
        if (counted.misfits[0] !== 0n) return others.length > 0 ? [{ column, left: others }] : [];
        guessed.set(column.name, candidate.type);
        return [];
      });
    }
  }
  return guessed;
}

type Counted = { present: bigint; misfits: bigint[] };

async function countMisfits(
  columns: readonly Unguessed[],
  candidatesOf: (index: number) => readonly Candidate[],
  rows: string,
  session: DuckdbSession,
  watch: Watch,
): Promise<Counted[]> {
  const items = columns.flatMap(({ cell, present }, index) => [
    `count(*) FILTER (${present})`,
    ...candidatesOf(index).map((candidate) => misfitsSql(candidate, cell, present)),
  ]);
  const [row = []] = await session.run(`SELECT ${items.join(', ')} FROM ${rows} AS cells`, watch);
  let place = 0;
  return columns.map((_, index) => {
    const present = row[place++] as bigint;
    return { present, misfits: candidatesOf(index).map(() => row[place++] as bigint) };
  });
}

function misfitsSql({ type, fits }: Candidate, cell: string, present: string): string {
  const misfits = `count(*) FILTER (${present} AND NOT coalesce(${fits(cell)}, false))`;
  if (type.kind !== 'SCALAR' || type.name !== 'FLOAT64') return misfits;
  const length = fractions.length(cell);
  const isAmbiguous =
    `count(*) FILTER (${present} AND ${fractions.padded(cell)}) > 0 AND ` +
    `min(CASE WHEN ${present} THEN ${length} END) <> max(CASE WHEN ${present} THEN ${length} END)`;
  return `${misfits} + CASE WHEN ${isAmbiguous} THEN 1 ELSE 0 END`;
}
