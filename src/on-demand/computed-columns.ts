import type { Value } from '../../providers/contract/value-type.ts';
import { type Cell, EvaluationError, inputFailed } from '../expressions/expression.ts';
import type { ServedColumn } from '../serving/online-serving.ts';
import type { ValueStatus } from '../serving/stored-value.ts';
import type { WaitingForValues } from '../values/value-cells.ts';
import type { CompiledView } from './compiled-view.ts';
import { evaluatedInTurns } from './evaluated-in-turns.ts';

type Served = Pick<ServedColumn, 'values' | 'statuses' | 'eventTimestamps'>;

/**
 * One feature of a view, for all rows. `inputs` are the columns of its features, `request` those of the request, both in
 * the view's order. What is null because an input is not there is so itself; it came true when the last of its inputs did.
 */
export async function computedColumn(
  { inputs: named, expressions }: CompiledView,
  position: number,
  inputs: readonly Served[],
  request: readonly (readonly Value[])[],
  size: number,
  waiting?: WaitingForValues,
): Promise<Served> {
  const expression = expressions[position];
  if (expression === undefined) throw new TypeError('a feature of a view has an expression');
  const read = inputs.filter((_, at) => expression.reads.includes(at));
  const columns = named.map((_, at) => {
    if (!expression.reads.includes(at)) return undefined;
    const input = inputs[at];
    return input === undefined ? request[at - inputs.length] : cellsOf(input);
  });
  const values = await evaluatedInTurns(expression, columns, size, waiting);
  const statuses = new Array<ValueStatus>(size).fill('PRESENT');
  for (let row = 0; row < size; row++) {
    const cell = values[row] ?? null;
    if (cell !== null && !(cell instanceof EvaluationError)) continue;
    statuses[row] = cell === null ? nullStatus(read, row) : 'ERROR';
    values[row] = null;
  }
  return { values: values as Value[], statuses, eventTimestamps: latestOf(read, size) };
}

/** What a store failed to give is an error, and not a null. */
function cellsOf({ values, statuses }: Served): readonly Cell[] {
  if (!statuses.includes('ERROR')) return values;
  return values.map((value, row) => (statuses[row] === 'ERROR' ? inputFailed : value));
}

function nullStatus(inputs: readonly Served[], row: number): ValueStatus {
  for (const status of ['NOT_FOUND', 'OUTSIDE_TTL'] as const) {
    if (inputs.some(({ statuses }) => statuses[row] === status)) return status;
  }
  return 'NULL_VALUE';
}

function latestOf([first, ...others]: readonly Served[], size: number): (bigint | null)[] {
  const latest = first === undefined ? new Array<bigint | null>(size).fill(null) : [...first.eventTimestamps];
  for (const { eventTimestamps } of others) {
    for (let row = 0; row < size; row++) {
      const [one, other] = [eventTimestamps[row] ?? null, latest[row] ?? null];
      if (one !== null && (other === null || one > other)) latest[row] = one;
    }
  }
  return latest;
}
