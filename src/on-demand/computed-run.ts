import type { OfflineStore, RunContext, RunSummary } from '../../providers/contract/offline-store.ts';
import type { ColumnBatch, TypedColumn } from '../../providers/contract/table.ts';
import type { Scalar, Value, ValueType } from '../../providers/contract/value-type.ts';
import { type Cell, type ErrorReason, EvaluationError } from '../expressions/expression.ts';
import type { WaitingForValues } from '../values/value-cells.ts';
import type { CompiledView } from './compiled-view.ts';
import { evaluatedInTurns } from './evaluated-in-turns.ts';

/** A column of a run: one that was joined, under another name, or one that is computed of such. */
export type RunColumn =
  | { as: string; from: string }
  | {
      as: string;
      view: CompiledView;
      /** The place of the feature among the view's. */
      position: number;
      /** The joined column of each of the view's inputs; undefined for one that is null in all rows. */
      inputs: readonly (string | undefined)[];
    };

/** How many rows of a computed column have no value for a reason. */
export type ComputingErrors = { column: string; reason: ErrorReason; rows: number }[];

/**
 * Stores under `run` the rows of `joined` with the columns that are computed of them, by the same closures that serve, in
 * bounded batches. The joined run stays.
 */
export async function computeRun(
  store: OfflineStore,
  joined: { run: string; columns: readonly TypedColumn[] },
  columns: readonly RunColumn[],
  run: string,
  context: RunContext,
): Promise<{ summary: RunSummary; errors: ComputingErrors }> {
  const places = new Map(joined.columns.map(({ name }, at) => [name, at]));
  const typed = columns.map((column) => ({ name: column.as, type: typeOf(column, joined.columns) }));
  const counted = new Map<string, ComputingErrors[number]>();
  async function* batches(): AsyncGenerator<ColumnBatch> {
    counted.clear();
    for await (const batch of store.streamRun(joined.run, context.signal)) {
      const made: Value[][] = [];
      for (const column of columns) {
        if ('from' in column) made.push(batch.columns[places.get(column.from) ?? -1] ?? []);
        else
          made.push(withoutErrors(column.as, await computed(column, batch, joined.columns, places, context), counted));
      }
      yield { size: batch.size, columns: made };
    }
  }
  const relation = { kind: 'BATCHES' as const, columns: typed, batches };
  const spine = { relation, columns: typed.map(({ name }) => ({ column: name, as: name })) };
  const summary = await store.retrieve({ spine, joins: [] }, run, context);
  return { summary, errors: [...counted.values()] };
}

function computed(
  { view, position, inputs }: Extract<RunColumn, { view: CompiledView }>,
  batch: ColumnBatch,
  joined: readonly TypedColumn[],
  places: ReadonlyMap<string, number>,
  waiting: WaitingForValues,
): Promise<Cell[]> {
  const expression = view.expressions[position];
  if (expression === undefined) throw new TypeError('a feature of a view has an expression');
  const columns = view.inputs.map(({ type }, at) => {
    const place = expression.reads.includes(at) ? places.get(inputs[at] ?? '') : undefined;
    const column = place === undefined ? undefined : batch.columns[place];
    const own = place === undefined ? undefined : joined[place]?.type;
    return column && own && widened(own, type, column);
  });
  return evaluatedInTurns(expression, columns, batch.size, waiting);
}

/** An INT32 column can hold the values of an INT64 input, which are bigints. */
function widened(own: ValueType, wanted: ValueType, column: readonly Value[]): readonly Value[] {
  if (elementOf(own) !== 'INT32' || elementOf(wanted) !== 'INT64') return column;
  return column.map((value) => (Array.isArray(value) ? value.map(wide) : wide(value as Scalar | null)));
}

function wide(value: Scalar | null): Scalar | null {
  return typeof value === 'number' ? BigInt(value) : value;
}

function elementOf(type: ValueType): string {
  if (type.kind === 'SCALAR') return type.name;
  return type.kind === 'ARRAY' ? type.element : 'FLOAT32';
}

function typeOf(column: RunColumn, joined: readonly TypedColumn[]): ValueType {
  const type =
    'from' in column
      ? joined.find(({ name }) => name === column.from)?.type
      : column.view.expressions[column.position]?.type;
  if (type === undefined) throw new TypeError(`"${column.as}" is made of no column`);
  return type;
}

function withoutErrors(column: string, cells: readonly Cell[], counted: Map<string, ComputingErrors[number]>): Value[] {
  return cells.map((cell) => {
    if (!(cell instanceof EvaluationError)) return cell;
    const key = `${column} ${cell.reason}`;
    const known = counted.get(key) ?? { column, reason: cell.reason, rows: 0 };
    counted.set(key, { ...known, rows: known.rows + 1 });
    return null;
  });
}
