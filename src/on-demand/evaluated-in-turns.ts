import type { Cell, Expression, InputColumns } from '../expressions/expression.ts';
import { isTurnDue, spendSteps, turn, type Waiting } from '../turns.ts';

/** A row of a few steps takes less than counting it would. */
const countedSteps = 5_000;

/** Who waits for what is computed: for how long, and how much more of it there may be than a value a cell. */
export type WaitingForValues = Waiting & {
  /** Told how large values are that are texts or lists, in cells; fails where an answer would have too many. */
  spend?: (cells: number) => void;
};

/** The values of an expression, computed in turns; fails as the signal says when nobody waits for them any more. */
export async function evaluatedInTurns(
  expression: Expression,
  columns: InputColumns,
  size: number,
  waiting?: WaitingForValues,
): Promise<Cell[]> {
  const evaluation = expression.over(columns);
  const values = new Array<Cell>(size);
  const isLong = hasLength(expression);
  let spent = 0;
  for (let row = 0; row < size; row++) {
    const value = evaluation.cell(row);
    values[row] = value;
    if (isLong) waiting?.spend?.(cellsOf(value));
    if (evaluation.steps - spent < countedSteps && row < size - 1) continue;
    spendSteps(evaluation.steps - spent);
    spent = evaluation.steps;
    if (isTurnDue()) await turn(waiting);
  }
  return values;
}

/** Characters or bytes that are as much as a number. */
const unitsOfCell = 16;

function hasLength({ type }: Expression): boolean {
  return type.kind !== 'SCALAR' || type.name === 'STRING' || type.name === 'BYTES';
}

/** What a value is beside the cell that it stands in: a text of 16 characters is one more, as an element of a list or map is. */
export function cellsOf(value: Cell): number {
  if (typeof value === 'string') return value.length / unitsOfCell;
  if (value instanceof Uint8Array) return value.length / unitsOfCell;
  if (value instanceof Map)
    return [...value.keys()].reduce<number>((sum, key) => sum + cellsOf(key), cellsOf([...value.values()]));
  if (!Array.isArray(value)) return 0;
  return value.reduce<number>((sum, one) => sum + 1 + cellsOf(one), 0);
}
