import { Failure } from '../../providers/contract/failure.ts';
import type { Value } from '../../providers/contract/value-type.ts';
import { type Cell, EvaluationError, inputFailed } from '../expressions/expression.ts';
import type { ValueStatus } from '../serving/stored-value.ts';
import { spendSteps, type Waiting } from '../turns.ts';
import { hasWindows } from '../windows/view-windows.ts';
import { type EntityNode, preparedRow, preparedValues, servedRow, servedValue } from './entity-rows.ts';
import type { OnDemandInput, OnDemandVariant } from './on-demand-types.ts';

/** An on-demand view of an entity, with the values of the request in the view's order. */
export type OnDemandRow = {
  entity: EntityNode;
  variant: OnDemandVariant;
  request: readonly Value[];
  /** Microseconds since 1970 UTC: what is older than its view's TTL then is withheld. */
  now: bigint;
};

/**
 * One feature, computed of the rows that were read with the entity. Fails as the store did that an input was read from, where
 * there is no value without it; any other error is a null with the status ERROR.
 */
export function computedValue(row: OnDemandRow, position: number): { value: Value; status: ValueStatus } {
  const { compiled, inputs } = row.variant;
  const expression = compiled.expressions[position];
  if (expression === undefined) throw new TypeError('a feature of a view has an expression');
  const read = compiled.inputs.map((_, at) => {
    if (!expression.reads.includes(at)) return undefined;
    const input = inputs[at];
    return input === undefined ? { cell: row.request[at - inputs.length] ?? null } : readInput(row, input);
  });
  const evaluation = expression.over(read.map((one) => one && [one.cell]));
  const cell = evaluation.cell(0);
  spendSteps(evaluation.steps);
  if (!(cell instanceof EvaluationError)) return { value: cell, status: statusOf(cell, read) };
  const failure = read.find((one) => one?.failure !== undefined)?.failure;
  if (cell === inputFailed && failure !== undefined) throw failure;
  return { value: null, status: 'ERROR' };
}

/** Does in turns what takes long of reading a feature's inputs; undefined where that is little. Fails as the signal says. */
export function preparedInputs(
  { entity, variant, now }: OnDemandRow,
  position: number,
  waiting: Waiting,
): Promise<unknown> | undefined {
  const preparing = variant.compiled.expressions[position]?.reads.flatMap((at) => {
    const input = variant.inputs[at];
    const found = input && entity.rows.get(input.view.id);
    if (input === undefined || found instanceof Failure || !hasWindows(input.view.definition)) return [];
    const values = () =>
      preparedValues(servedRow({ view: input.view }, found, now, entity.at), [input.position], waiting);
    return preparedRow(input, found, waiting)?.then(values) ?? values() ?? [];
  });
  return preparing === undefined || preparing.length === 0 ? undefined : Promise.all(preparing);
}

type Read = { cell: Cell; status?: ValueStatus; failure?: Failure };

function readInput({ entity, now }: OnDemandRow, { view, position }: OnDemandInput): Read {
  const found = entity.rows.get(view.id);
  if (found instanceof Failure) return { cell: inputFailed, failure: found };
  const { value, status } = servedValue(servedRow({ view }, found, now, entity.at), position);
  return { cell: status === 'ERROR' ? inputFailed : value, status };
}

/** What is null because an input is not there is so itself. */
function statusOf(value: Value, read: readonly (Read | undefined)[]): ValueStatus {
  if (value !== null) return 'PRESENT';
  const missing = (['NOT_FOUND', 'OUTSIDE_TTL'] as const).find((one) => read.some((input) => input?.status === one));
  return missing ?? 'NULL_VALUE';
}
