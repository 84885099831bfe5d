import type { MapKey, MapValue, Scalar, ScalarName, Value } from '../../providers/contract/value-type.ts';
import { spendSteps } from '../turns.ts';
import { compareValues } from '../values/value-order.ts';
import { type KeyedEntry, type KeyedState, keyedKind } from './keyed-states.ts';
import {
  type CountState,
  countKind,
  deviationOf,
  floatTotal,
  integerTotal,
  meanOf,
  type SpreadState,
  type SumState,
  spreadKind,
  sumKind,
  varianceOf,
} from './numeric-states.ts';
import { type ExtremeState, extremeKind, type OrderedState, orderedKind } from './ordered-states.ts';
import {
  type DistinctState,
  distinctKind,
  distinctValues,
  quantileOf,
  type SketchState,
  sketchKind,
} from './set-states.ts';
import type { CellValue, StateKind } from './state-kind.ts';
import type { Window } from './window.ts';

export const aggregateFunctions = [
  'COUNT',
  'COUNT_DISTINCT',
  'SUM',
  'MEAN',
  'MIN',
  'MAX',
  'VARIANCE',
  'STDDEV',
  'FIRST',
  'LAST',
  'LAST_K',
  'COLLECT_DISTINCT',
  'QUANTILE',
] as const;
export type AggregateFunction = (typeof aggregateFunctions)[number];

/** One feature over a window. */
export type WindowFeature = {
  function: AggregateFunction;
  window: Window;
  /** The place of its column among the event's values; undefined for COUNT of events. */
  column: number | undefined;
  columnType: ScalarName;
  /** The place and type of the column whose values have a value each: then it is a map of these. */
  secondary: { column: number; type: MapKey } | undefined;
  /** LAST_K: how many; COUNT_DISTINCT and COLLECT_DISTINCT: how many at most. */
  most: number;
  quantile: number;
  /** Of a window without values; with a secondary key, of a value of that without values. */
  whenEmpty: Value;
};

/** A value that could not be: an overflow, or more distinct values than are kept. */
export const outOfBounds = Symbol('out of bounds');
export type WindowValue = Value | typeof outOfBounds;

/** What a function needs kept, and by which name functions that need the same share it. */
export function stateKindOf(feature: WindowFeature): { name: string; kind: StateKind<unknown, CellValue> } {
  const plain = plainKindOf(feature);
  const { secondary } = feature;
  if (secondary === undefined) return plain;
  return { name: plain.name, kind: keyedKind(secondary.type, plain.kind) as StateKind<unknown, CellValue> };
}

function plainKindOf({ function: name, columnType, most }: WindowFeature): {
  name: string;
  kind: StateKind<unknown>;
} {
  const named = <S>(kindName: string, kind: StateKind<S>) => ({ name: kindName, kind: kind as StateKind<unknown> });
  switch (name) {
    case 'COUNT':
      return named('COUNT', countKind);
    case 'SUM':
    case 'MEAN':
      return named('SUM', sumKind);
    case 'VARIANCE':
    case 'STDDEV':
      return named('SPREAD', spreadKind);
    case 'MIN':
      return named('MIN', extremeKind(columnType, 1));
    case 'MAX':
      return named('MAX', extremeKind(columnType, -1));
    case 'FIRST':
      return named('FIRST', orderedKind(columnType, 1, 1));
    case 'LAST':
      return named('LAST 1', orderedKind(columnType, 1, -1));
    case 'LAST_K':
      return named(`LAST ${most}`, orderedKind(columnType, most, -1));
    case 'COUNT_DISTINCT':
    case 'COLLECT_DISTINCT':
      return named(`DISTINCT ${most}`, distinctKind(columnType, most));
    case 'QUANTILE':
      return named('SKETCH', sketchKind);
  }
}

/** The value of a feature, from the state of all that is in its window. */
export function valueOfState(feature: WindowFeature, state: unknown): WindowValue {
  return feature.secondary === undefined
    ? plainValue(feature, state)
    : mapOfState(feature, state as KeyedState<unknown>);
}

/** What it takes to put an entry in its place among a thousand. */
const stepsOfOrdered = 100;

/** There is none where there are too many keys or too long ones, or where a value of one of them could not be. */
function mapOfState(feature: WindowFeature, { entries }: KeyedState<unknown>): MapValue | typeof outOfBounds {
  if (entries === null) return outOfBounds;
  spendSteps(stepsOfOrdered * entries.size);
  const byKey = (one: KeyedEntry<unknown>, other: KeyedEntry<unknown>) => compareValues(one.key, other.key);
  const map = new Map<Scalar, Scalar | null>();
  for (const { key, state } of [...entries.values()].sort(byKey)) {
    const value = plainValue(feature, state);
    if (value === outOfBounds) return outOfBounds;
    map.set(key, value as Scalar | null);
  }
  return map;
}

function plainValue(feature: WindowFeature, state: unknown): WindowValue {
  switch (feature.function) {
    case 'COUNT': {
      const { count } = state as CountState;
      return count === 0 ? feature.whenEmpty : BigInt(count);
    }
    case 'FIRST':
    case 'LAST':
      return (state as OrderedState).events[0]?.value ?? feature.whenEmpty;
    case 'LAST_K': {
      const { events } = state as OrderedState;
      return events.length === 0 ? feature.whenEmpty : events.map(({ value }) => value);
    }
    case 'MIN':
    case 'MAX':
      return (state as ExtremeState).value ?? feature.whenEmpty;
    case 'COUNT_DISTINCT':
    case 'COLLECT_DISTINCT':
      return valueOfDistinct(feature, distinctValues(state as DistinctState));
    default:
      return (state as { count: number }).count === 0 ? feature.whenEmpty : numberOfState(feature, state);
  }
}

function valueOfDistinct(feature: WindowFeature, values: Scalar[] | undefined): WindowValue {
  if (values === undefined) return outOfBounds;
  if (values.length === 0) return feature.whenEmpty;
  return feature.function === 'COUNT_DISTINCT' ? BigInt(values.length) : values;
}

function numberOfState(
  { function: name, columnType, quantile, whenEmpty }: WindowFeature,
  state: unknown,
): WindowValue {
  switch (name) {
    case 'SUM':
      if (columnType === 'FLOAT64' || columnType === 'FLOAT32') return floatTotal(state as SumState);
      return integerTotal(state as SumState) ?? outOfBounds;
    case 'MEAN':
      return meanOf(state as SumState);
    case 'QUANTILE':
      return quantileOf(state as SketchState, quantile);
    case 'STDDEV':
      return deviationOf(state as SpreadState) ?? whenEmpty;
    default:
      return varianceOf(state as SpreadState) ?? whenEmpty;
  }
}
