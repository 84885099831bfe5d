import { scalar, type ValueType } from '../../contract/value-type.ts';
import type { DuckdbSession, Watch } from '../duckdb-connections.ts';
import { counting, type Measure, type Measured, measureCells } from './cell-measures.ts';
import { fractions, plainTexts } from './text-forms.ts';

/** A type that a column may have, and whether a cell that is there can't be anything else. */
export type Candidate = { type: ValueType; fits(cell: string): string };

/** Of cells that are texts, in the order in which they are tried. */
export const textCandidates: readonly Candidate[] = (['INT64', 'FLOAT64', 'BOOL', 'DATE', 'TIMESTAMP'] as const).map(
  (name) => ({ type: scalar(name), fits: plainTexts[name] }),
);

/** A column whose type is to be guessed; `cell` is an expression over the rows. */
export type Unguessed = { name: string; cell: string };

/**
 * Rows whose cells are read as they are written, and whether a cell has a value; the first of the rows are enough to tell
 * what most columns are not.
 */
export type CellRows = { all: string; first: string; isPresent(cell: string): string };

/** So many rows tell what most columns are not. */
export const sampleRows = 2_000;

/**
 * The first candidate that all cells of a column are, by the column's name; none for a column that is nothing of the
 * kind, or that has no cells.
 */
export async function guessTypes(
  columns: readonly Unguessed[],
  { all, first, isPresent }: CellRows,
  candidates: readonly Candidate[],
  session: DuckdbSession,
  watch: Watch,
): Promise<Map<string, ValueType>> {
  const guessed = new Map<string, ValueType>();
  const misfitsIn = async (open: readonly Open[], rows: string) => {
    const asked = open.map(({ column: { cell }, left }) => ({ cell, measures: measuresOf(left, isPresent) }));
    const measured = await measureCells(asked, rows, session, watch);
    return open.map(({ left }, index) => fittingOf(left, measured[index] ?? []));
  };
  let open: Open[] = columns.map((column) => ({ column, left: candidates }));
  const inFirst = await misfitsIn(open, first);
  open = open.map(({ column }, index) => ({ column, left: inFirst[index]?.fitting ?? [] }));
  for (;;) {
    open = open.filter(({ left }) => left.length > 0);
    if (open.length === 0) return guessed;
    const inAll = await misfitsIn(
      open.map(({ column, left }) => ({ column, left: left.slice(0, 1) })),
      all,
    );
    open = open.map(({ column, left }, index) => {
      const { present = 0n, fitting: [candidate] = [] } = inAll[index] ?? {};
      if (candidate !== undefined && present > 0n) guessed.set(column.name, candidate.type);
      return { column, left: candidate !== undefined || present === 0n ? [] : left.slice(1) };
    });
  }
}

type Open = { column: Unguessed; left: readonly Candidate[] };

/** How many cells there are, and of each candidate how many it is not. */
function measuresOf(candidates: readonly Candidate[], isPresent: CellRows['isPresent']): Measure[] {
  const misfits = candidates.flatMap(({ type, fits }) => [
    counting((cell) => `${isPresent(cell)} AND NOT coalesce(${fits(cell)}, false)`),
    ...(isFloat(type) ? fractionMeasures(isPresent) : []),
  ]);
  return [counting(isPresent), ...misfits];
}

function fractionMeasures(isPresent: CellRows['isPresent']): Measure[] {
  const length = (cell: string) => `CASE WHEN ${isPresent(cell)} THEN ${fractions.length(cell)} END`;
  return [
    counting((cell) => `${isPresent(cell)} AND ${fractions.padded(cell)}`),
    { aggregate: 'min', of: length },
    { aggregate: 'max', of: length },
  ];
}

/** Those candidates that all cells are, by what `measuresOf` asked. */
function fittingOf(candidates: readonly Candidate[], measured: readonly Measured[]) {
  const [present, ...rest] = measured;
  const fitting = candidates.filter(({ type }) => {
    const misfits = rest.shift();
    if (!isFloat(type)) return misfits === 0n;
    const [padded, shortest, longest] = rest.splice(0, 3);
    return misfits === 0n && (padded === 0n || shortest === longest);
  });
  return { present: present ?? 0n, fitting };
}

function isFloat(type: ValueType): boolean {
  return type.kind === 'SCALAR' && type.name === 'FLOAT64';
}
