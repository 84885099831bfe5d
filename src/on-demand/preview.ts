import { Failure, type Issue } from '../../providers/contract/failure.ts';
import { formatValueType, type Value, type ValueType } from '../../providers/contract/value-type.ts';
import { type Cell, EvaluationError, type ExpressionInput } from '../expressions/expression.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { nearestName } from '../registry/spelling.ts';
import { fromJson, type Json, toJson } from '../values/json-value.ts';
import type { WaitingForValues } from '../values/value-cells.ts';
import { compiledView } from './compiled-view.ts';
import { evaluatedInTurns } from './evaluated-in-turns.ts';

/** What each feature is for each of the given rows; `errors` says why a cell has no value, null where it has one. */
export type Preview = { columns: { name: string; type: string; values: Json[]; errors: (string | null)[] }[] };

const mostRows = 1_000;

/**
 * Computes a view's features of inputs that are given, so that nothing is read. Rows are by the names that expressions say:
 * `{ conv_rate: 0.3, request: { amount: 12.5 } }`; what is left out is null.
 */
export async function previewOf(
  catalog: Catalog,
  view: ResourceOf<'ON_DEMAND_FEATURE_VIEW'>,
  rows: readonly Record<string, Json>[],
  waiting?: WaitingForValues,
): Promise<Preview> {
  const { inputs, expressions } = compiledView(catalog, view);
  const read = readRows(inputs, rows);
  const columns: Preview['columns'] = [];
  for (const [at, expression] of expressions.entries()) {
    const cells = await evaluatedInTurns(expression, read, rows.length, waiting);
    columns.push({
      name: view.definition.features[at]?.name ?? '',
      type: formatValueType(expression.type),
      values: cells.map((cell) => jsonOf(expression.type, cell)),
      errors: cells.map((cell) => (cell instanceof EvaluationError ? cell.reason : null)),
    });
  }
  return { columns };
}

function jsonOf(type: ValueType, cell: Cell): Json {
  return cell instanceof EvaluationError ? null : toJson(type, cell);
}

function readRows(inputs: readonly ExpressionInput[], rows: readonly Record<string, Json>[]): Value[][] {
  const issues: Issue[] = [];
  if (rows.length > mostRows) {
    const message = `Give ${mostRows} rows at most.`;
    throw new Failure('LIMIT_EXCEEDED', message, { issues: [{ path: 'rows', message: `has ${rows.length} rows` }] });
  }
  const names = inputs.map(({ name }) => name);
  const given = rows.map((row, at) => {
    const flat = flattened(row);
    for (const name of flat.keys()) if (!names.includes(name)) issues.push(unknown(name, names, at));
    return flat;
  });
  const columns = inputs.map(({ name, type }) =>
    given.map((row, at) => {
      const read = fromJson(type, row.get(name));
      if (!('problem' in read)) return read.value;
      issues.push({ path: `rows[${at}].${name}`, message: `${read.problem} (${formatValueType(type)})` });
      return null;
    }),
  );
  if (issues.length > 0) throw new Failure('INVALID_INPUT', 'The rows are not valid.', { issues });
  return columns;
}

function unknown(name: string, names: readonly string[], at: number): Issue {
  const near = nearestName(name, names);
  const fix = near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`;
  return { path: `rows[${at}].${name}`, message: 'is no input of the view', fix };
}

/** `{ request: { amount: 1 } }` is `request.amount`. */
function flattened(row: Record<string, Json>): Map<string, Json> {
  const entries = Object.entries(row).flatMap(([name, value]): [string, Json][] => {
    const isRequest = name === 'request' && typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRequest ? Object.entries(value).map(([own, one]) => [`${name}.${own}`, one]) : [[name, value]];
  });
  return new Map(entries);
}
