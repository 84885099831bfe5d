import type { TypedColumn } from '../../../providers/contract/table.ts';
import { formatValueType, parseValueType, type ValueType } from '../../../providers/contract/value-type.ts';
import type { Report } from '../checks/check-world.ts';
import type { OnDemandFeatureViewDefinition } from '../definitions/definition.ts';
import { type AskedFeature, isComputed } from '../selection.ts';
import { nearestName } from '../spelling.ts';

/** The rows to which features are joined. A column whose type is not known has none of ours. */
type Kept = { words: string; columns: readonly { name: string; type?: TypedColumn['type'] }[] };

/**
 * That the values of the request which on-demand features need are columns that the rows keep, under the same names. A
 * value that may be left out of a request may be left out here.
 */
export function checkRequestColumns(asked: readonly AskedFeature[], { words, columns }: Kept, report: Report): void {
  for (const { at, view, feature } of asked.filter(isComputed)) {
    for (const value of view.definition.request) {
      const problem = problemOf(value, words, columns);
      if (problem !== undefined) report(`features[${at}].feature`, `${feature.ref} ${problem.message}`, problem.fix);
    }
  }
}

type Value = OnDemandFeatureViewDefinition['request'][number];

function problemOf({ name, type, optional }: Value, words: string, columns: Kept['columns']) {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) {
    if (optional === true) return undefined;
    const near = nearestName(
      name,
      columns.map((one) => one.name),
    );
    const fix = `Keep a column "${name}"${near === undefined ? '' : `, which may be "${near}"`}: a transformation can give it that name.`;
    return { message: `needs the value "${name}" (${type}), and ${words} keeps no column of that name.`, fix };
  }
  if (holds(column.type, parseValueType(type))) return undefined;
  const has = column.type === undefined ? 'of no type of ours' : formatValueType(column.type);
  const message = `needs "${name}" as ${type}, and the column of ${words} is ${has}.`;
  return { message, fix: 'Cast the column in a transformation.' };
}

/** Whether all values of one type are values of another. */
function holds(own: ValueType | undefined, wanted: ValueType | undefined): boolean {
  if (own === undefined || wanted === undefined) return false;
  const [one, other] = [formatValueType(own), formatValueType(wanted)];
  return one === other || widened.has(`${one} ${other}`);
}

const widened = new Set(['INT32 INT64', 'FLOAT32 FLOAT64', 'INT32[] INT64[]', 'FLOAT32[] FLOAT64[]']);
