import { weightOf } from '../../providers/contract/batch-weight.ts';
import type { Value, ValueType } from '../../providers/contract/value-type.ts';
import { isTurnDue, spendWeight, turn } from '../turns.ts';
import { columnToJson, type Json, toJson } from './json-value.ts';

/** A column in JSON: what is long, as lists and maps are, is written in turns. */
export function columnInTurns(type: ValueType, values: readonly Value[]): Json[] | Promise<Json[]> {
  return type.kind === 'SCALAR' ? columnToJson(type, values) : writtenInTurns(values, (value) => toJson(type, value));
}

/** What is written of each value; others are looked after before what comes after much. */
export async function writtenInTurns<T>(values: readonly Value[], write: (value: Value) => T): Promise<T[]> {
  const written: T[] = [];
  for (const value of values) {
    if (isTurnDue()) await turn();
    written.push(write(value));
    spendWeight(weightOf(value));
  }
  return written;
}
