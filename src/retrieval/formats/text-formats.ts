import type { ColumnBatch, TypedColumn } from '../../../providers/contract/table.ts';
import type { Value } from '../../../providers/contract/value-type.ts';
import { columnToJson, type Json } from '../../values/json-value.ts';

/**
 * Rows as CSV with a header line (RFC 4180, lines ended by LF). Null is an empty field, and an empty text is `""`;
 * arrays, vectors and maps are JSON; all else is as in `json-value.ts`.
 */
export async function* csvRows(
  columns: readonly TypedColumn[],
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<string> {
  yield `${columns.map(({ name }) => quoted(name)).join(',')}\n`;
  for await (const batch of batches) {
    const texts = jsonColumns(columns, batch).map((values) => values.map(csvField));
    yield lines(batch.size, (row) => texts.map((values) => values[row]).join(','));
  }
}

/** Rows as JSON Lines: an object a line, its values as in `json-value.ts`. */
export async function* jsonLines(
  columns: readonly TypedColumn[],
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<string> {
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  for await (const batch of batches) {
    const values = jsonColumns(columns, batch);
    yield lines(
      batch.size,
      (row) => `{${names.map((name, at) => name + JSON.stringify(values[at]?.[row] ?? null)).join(',')}}`,
    );
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
