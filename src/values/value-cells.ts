import type { Waiting } from '../turns.ts';

/** Who waits for values: for how long, and how much more of them there may be than a value a cell. */
export type WaitingForValues = Waiting & {
  /** Told how large values are that are texts, lists or maps, in cells; fails where an answer would have too many. */
  spend?: (cells: number) => void;
};

/** Characters or bytes that are as much as a number. */
const unitsOfCell = 16;

/** What a value is beside the cell that it stands in: a text of 16 characters is one more, as an element of a list or map is. */
export function cellsBeside(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length / unitsOfCell;
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + 1 + cellsBeside(one), 0);
  if (!(value instanceof Map)) return 0;
  let sum = value.size;
  for (const [key, one] of value) sum += cellsBeside(key) + cellsBeside(one);
  return sum;
}
