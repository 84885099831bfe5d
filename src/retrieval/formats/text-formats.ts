import { lighterBatches } from '../../../providers/contract/batch-weight.ts';
import type { ColumnBatch, TypedColumn } from '../../../providers/contract/table.ts';
import type { Value } from '../../../providers/contract/value-type.ts';
import { turn } from '../../turns.ts';
import { columnToJson, type Json } from '../../values/json-value.ts';

/** What rows weigh that are written at once: some milliseconds' worth. */
const weightOfTurn = 400_000;

/**
 * Rows as CSV with a header line (RFC 4180, lines ended by LF). Null is an empty field, and an empty text is `""`;
 * arrays, vectors and maps are JSON; all else is as in `json-value.ts`.
 */
export async function* csvRows(
  columns: readonly TypedColumn[],
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<string> {
  yield `${columns.map(({ name }) => quoted(name)).join(',')}\n`;
  for await (const part of partsInTurns(batches)) {
    const texts = jsonColumns(columns, part).map((values) => values.map(csvField));
    yield lines(part.size, (row) => texts.map((values) => values[row]).join(','));
  }
}

/** Rows as JSON Lines: an object a line, its values as in `json-value.ts`. */
export async function* jsonLines(
  columns: readonly TypedColumn[],
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<string> {
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  for await (const part of partsInTurns(batches)) {
    const values = jsonColumns(columns, part);
    yield lines(
      part.size,
      (row) => `{${names.map((name, at) => name + JSON.stringify(values[at]?.[row] ?? null)).join(',')}}`,
    );
  }
}

/** As the rows come, a turn for each of what is written at once: whoever reads fast makes nobody else wait. */
async function* partsInTurns(batches: AsyncIterable<ColumnBatch>): AsyncGenerator<ColumnBatch> {
  for await (const batch of batches) {
    for (const part of lighterBatches(batch, weightOfTurn)) {
      await turn();
      yield part;
    }
  }
}

function jsonColumns(columns: readonly TypedColumn[], batch: ColumnBatch): Json[][] {
  return columns.map(({ type }, at) => columnToJson(type, batch.columns[at] as Value[]));
}

function lines(size: number, line: (row: number) => string): string {
  let text = '';
  for (let row = 0; row < size; row++) text += `${line(row)}\n`;
  return text;
}

function csvField(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'object' ? quoted(JSON.stringify(value)) : String(value);
}

function quoted(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
