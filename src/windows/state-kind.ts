import type { Scalar } from '../../providers/contract/value-type.ts';
import type { StateReader, StateWriter } from './state-bytes.ts';

/** A value and when it came: times are microseconds since 1970; `created` is −Infinity where none is known. */
export type TimedValue = { time: number; created: number; value: Scalar };

/** What of an event is told to a cell: with a secondary key that, and its value may be null then. */
export type CellValue = Omit<TimedValue, 'value'> & { key?: Scalar; value: Scalar | null };

/**
 * What is kept of some events to answer a function over them: of a tile, or of all that is in a window. States of one
 * kind are the same whatever the order in which events were added and tiles merged, so that a value can't depend on it.
 */
export interface StateKind<S, V = TimedValue> {
  create(): S;
  add(state: S, event: V): void;
  /** Leaves `from` as it is, and shares nothing with it that changes. */
  merge(into: S, from: S): void;
  write(writer: StateWriter, state: S): void;
  read(reader: StateReader): S;
  /** About how many bytes a tile of it is, where that can be said. */
  readonly bytes: number;
}
