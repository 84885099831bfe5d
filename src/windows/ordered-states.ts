import type { Scalar, ScalarName } from '../../providers/contract/value-type.ts';
import { compareValues } from '../values/value-order.ts';
import type { StateReader, StateWriter } from './state-bytes.ts';
import type { StateKind, TimedValue } from './state-kind.ts';

export type ExtremeState = { value: Scalar | undefined };

/** The smallest value, or with `sign` −1 the greatest, in the order of values. */
export function extremeKind(type: ScalarName, sign: 1 | -1): StateKind<ExtremeState> {
  const take = (state: ExtremeState, value: Scalar) => {
    if (state.value === undefined || compareValues(value, state.value) * sign < 0) state.value = value;
  };
  return {
    bytes: 9,
    create: () => ({ value: undefined }),
    add: (state, { value }) => take(state, value),
    merge: (into, { value }) => {
      if (value !== undefined) take(into, value);
    },
    write: (writer, { value }) => {
      writer.appendLength(value === undefined ? 0 : 1);
      if (value !== undefined) writer.appendValue(value);
    },
    read: (reader) => ({ value: reader.length() === 0 ? undefined : reader.value(type) }),
  };
}

/** The newest first; of the first k the oldest first. */
export type OrderedState = { events: TimedValue[] };

/**
 * The `most` newest values, or with `sign` 1 the oldest. Of one moment, that which was recorded later is newer, and of
 * one record the greater value.
 */
export function orderedKind(type: ScalarName, most: number, sign: 1 | -1): StateKind<OrderedState> {
  const insert = ({ events }: OrderedState, event: TimedValue) => {
    let at = events.length;
    while (at > 0 && compareTimed(event, events[at - 1] as TimedValue) * sign < 0) at--;
    if (at >= most) return;
    events.splice(at, 0, event);
    if (events.length > most) events.pop();
  };
  return {
    bytes: 1 + most * 24,
    create: () => ({ events: [] }),
    add: (state, { time, created, value }) => insert(state, { time, created, value }),
    merge: (into, from) => {
      for (const event of from.events) insert(into, event);
    },
    write: (writer, { events }) => {
      writer.appendLength(events.length);
      for (const event of events) writeTimed(writer, event);
    },
    read: (reader) => ({ events: Array.from({ length: reader.length() }, () => readTimed(reader, type)) }),
  };
}

function compareTimed(left: TimedValue, right: TimedValue): number {
  if (left.time !== right.time) return left.time - right.time;
  if (left.created !== right.created) return left.created < right.created ? -1 : 1;
  return compareValues(left.value, right.value);
}

function writeTimed(writer: StateWriter, { time, created, value }: TimedValue): void {
  writer.appendNumber(time);
  writer.appendNumber(created);
  writer.appendValue(value);
}

function readTimed(reader: StateReader, type: ScalarName): TimedValue {
  return { time: reader.number(), created: reader.number(), value: reader.value(type) };
}
