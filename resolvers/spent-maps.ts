import type { Value } from '../providers/contract/value-type.ts';
import { cellsBeside } from '../src/values/value-cells.ts';
import type { RequestContext } from './request-context.ts';

/** The entries of maps count as values of an answer: how many there are is known once they were read, and not before. */
export function spendMaps(context: RequestContext, values: readonly Value[]): void {
  const cells = values.reduce<number>((sum, value) => sum + (value instanceof Map ? cellsBeside(value) : 0), 0);
  if (cells > 0) context.spend('cells', cells);
}

export function spentMap(context: RequestContext, value: Value): Value {
  if (value instanceof Map) spendMaps(context, [value]);
  return value;
}
