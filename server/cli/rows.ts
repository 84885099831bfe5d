import type { JsonValue } from '@featuregraph/client';
import { print, printJson, textTable } from './output.ts';

type Rows = { columns: readonly { name: string }[]; rows: readonly (readonly JsonValue[])[] };

/** Rows as a table, or as JSON by name. */
export function printRows({ columns, rows }: Rows, { json }: { json?: boolean }): void {
  const names = columns.map(({ name }) => name);
  if (json) printJson(rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null]))));
  else print(textTable(names, rows));
}
