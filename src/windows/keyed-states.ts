import type { MapKey, Scalar } from '../../providers/contract/value-type.ts';
import { spendSteps } from '../turns.ts';
import { identityOf } from '../values/value-order.ts';
import type { CellValue, StateKind } from './state-kind.ts';

/** How many keys a map has at most. */
export const mostKeys = 1_000;
/** UTF-16 code units of a key that is a text. A map of longer ones takes seconds to put in order, or to find a key in. */
export const longestKey = 1_000;

export type KeyedEntry<S> = { key: Scalar; state: S };

/** A state for each key that any event had. Null once there were more or longer ones than may be: which is not known any more. */
export type KeyedState<S> = { entries: Map<unknown, KeyedEntry<S>> | null };

/** What it takes to find the state of a key and to merge another into it. */
const stepsOfEntry = 20;
/** So many keys are expected, where it is said how large a state is: there may be more. */
const expectedKeys = 100;

/**
 * States of a kind by the key of their events. An event without a value has a key nevertheless: what a function of no values
 * is, is the value of its key then.
 */
export function keyedKind<S>(type: MapKey, kind: StateKind<S>): StateKind<KeyedState<S>, CellValue> {
  const stateOf = (keyed: KeyedState<S>, given: Scalar): S | undefined => {
    if (keyed.entries === null) return undefined;
    if (typeof given === 'string' && given.length > longestKey) {
      keyed.entries = null;
      return undefined;
    }
    // −0 is 0, as in every engine that has whole numbers.
    const key = given === 0 ? 0 : given;
    const identity = identityOf(key);
    const found = keyed.entries.get(identity);
    if (found !== undefined) return found.state;
    const state = kind.create();
    keyed.entries.set(identity, { key, state });
    if (keyed.entries.size > mostKeys) keyed.entries = null;
    return state;
  };
  return {
    bytes: 1 + (type === 'BOOL' ? 2 : expectedKeys) * (9 + kind.bytes),
    create: () => ({ entries: new Map() }),
    add: (keyed, event) => {
      const state = stateOf(keyed, event.key as Scalar);
      const { time, created, value } = event;
      if (state !== undefined && value !== null) kind.add(state, { time, created, value });
    },
    merge: (into, { entries }) => {
      if (entries === null) into.entries = null;
      spendSteps(stepsOfEntry * (entries?.size ?? 0));
      for (const entry of entries?.values() ?? []) {
        const state = stateOf(into, entry.key);
        if (state !== undefined) kind.merge(state, entry.state);
      }
    },
    write: (writer, { entries }) => {
      writer.appendLength(entries === null ? 0 : entries.size + 1);
      for (const { key, state } of entries?.values() ?? []) {
        writer.appendValue(key);
        kind.write(writer, state);
      }
    },
    read: (reader) => {
      const coded = reader.length();
      if (coded === 0) return { entries: null };
      const entries = Array.from({ length: coded - 1 }, () => ({ key: reader.value(type), state: kind.read(reader) }));
      return { entries: new Map(entries.map((entry) => [identityOf(entry.key), entry])) };
    },
  };
}
