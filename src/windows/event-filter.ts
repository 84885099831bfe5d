import { scalar } from '../../providers/contract/value-type.ts';
import { compilePredicate, type ExpressionProblem } from '../expressions/expression.ts';
import { spendSteps } from '../turns.ts';
import type { EventFilter, WindowEvent, WindowPlan } from './window-plan.ts';

/**
 * An expression in CEL over the columns of an event: only where it is true does the event count. It may take much longer than
 * all else that is done with an event, so it is evaluated once of each, and the answer remembered for as long as the event is.
 */
export function eventFilter(
  text: string,
  columns: WindowPlan['columns'],
): { filter: EventFilter; reads: string[] } | { problem: ExpressionProblem } {
  const inputs = columns.map(({ name, type }) => ({ name, type: scalar(type) }));
  const compiled = compilePredicate(text, inputs);
  if ('problem' in compiled) return compiled;
  const { reads, over } = compiled.expression;
  // One row of columns, used again for every event.
  const row = columns.map((): [WindowEvent['values'][number]] => [null]);
  const evaluation = over(row);
  const known = new WeakMap<WindowEvent, boolean>();
  const evaluate = ({ values }: WindowEvent) => {
    for (const place of reads) (row[place] as [WindowEvent['values'][number]])[0] = values[place] ?? null;
    const before = evaluation.steps;
    const isAccepted = evaluation.cell(0) === true;
    spendSteps(evaluation.steps - before);
    return isAccepted;
  };
  const accepts = (event: WindowEvent) => {
    const earlier = known.get(event);
    if (earlier !== undefined) return earlier;
    const isAccepted = evaluate(event);
    known.set(event, isAccepted);
    return isAccepted;
  };
  return { filter: { text, accepts }, reads: reads.flatMap((place) => columns[place]?.name ?? []) };
}
