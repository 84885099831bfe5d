import type { Cell, Expression, InputColumns } from '../expressions/expression.ts';
import { isTurnDue, spendSteps, turn } from '../turns.ts';
import { cellsBeside, type WaitingForValues } from '../values/value-cells.ts';

/** A row of a few steps takes less than counting it would. */
const countedSteps = 5_000;

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
    if (isLong) waiting?.spend?.(cellsBeside(value));
    if (evaluation.steps - spent < countedSteps && row < size - 1) continue;
    spendSteps(evaluation.steps - spent);
    spent = evaluation.steps;
    if (isTurnDue()) await turn(waiting);
  }
  return values;
}

function hasLength({ type }: Expression): boolean {
  return type.kind !== 'SCALAR' || type.name === 'STRING' || type.name === 'BYTES';
}
