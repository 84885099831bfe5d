import type { JsonValue } from '../generated/operations.ts';

export type ExploredKey = { joinKey: string; type: string; value: JsonValue };

/** As the graph takes keys: columns, each of one row here. */
export function keyColumns(keys: readonly ExploredKey[]): { joinKey: string; values: JsonValue[] }[] {
  return keys.map(({ joinKey, value }) => ({ joinKey, values: [value] }));
}
