import {
  isScalarName,
  type MapKey,
  parseValueType,
  type ScalarName,
  scalar,
  type Value,
} from '../../providers/contract/value-type.ts';
import type { AggregationDefinition } from '../registry/definitions/aggregation.ts';
import type { FeatureDefinition, FeatureViewDefinition } from '../registry/definitions/definition.ts';
import { parseDuration } from '../registry/duration.ts';
import { columnsRead } from '../registry/pinning.ts';
import { fromJson } from '../values/json-value.ts';
import { eventFilter } from './event-filter.ts';
import type { Window } from './window.ts';
import type { AggregateFunction } from './window-feature.ts';
import { type EventFilter, type PlannedFeature, type WindowPlan, windowPlan } from './window-plan.ts';

export type AggregatedFeature = FeatureDefinition & { aggregation: AggregationDefinition };

const found = new WeakMap<FeatureViewDefinition['features'], boolean>();

/** Whether the features of a view are over windows: all of them are, or none. Looked for once, as each row asks. */
export function hasWindows({ features }: Pick<FeatureViewDefinition, 'features'>): boolean {
  const earlier = found.get(features);
  if (earlier !== undefined) return earlier;
  const hasSome = features.some(isAggregated);
  found.set(features, hasSome);
  return hasSome;
}

export function isAggregated(feature: FeatureDefinition): feature is AggregatedFeature {
  return feature.aggregation !== undefined;
}

const known = new WeakMap<FeatureViewDefinition, WindowPlan>();

/** How a registered view of windows is computed. Worked out once per definition: definitions are immutable. */
export function windowsOf(view: FeatureViewDefinition): WindowPlan {
  const earlier = known.get(view);
  if (earlier !== undefined) return earlier;
  const columns = eventColumns(view);
  const place = (name: string | undefined) => {
    const at = columns.findIndex((column) => column.name === name);
    return at < 0 ? undefined : at;
  };
  const filters = new Map<string, EventFilter>();
  const plan = windowPlan({
    columns,
    identity: place(view.eventId?.column),
    features: view.features.filter(isAggregated).map((feature) => {
      return { ...plannedFeature(feature, place), ...plannedFilter(feature, columns, filters) };
    }),
    lateness: microseconds(view.lateness ?? defaultLateness),
  });
  known.set(view, plan);
  return plan;
}

const defaultLateness = '1h';
export const defaultLimit = 1_000;

/** The columns that events are kept by, each once, in the order in which the view names them. */
export function eventColumns(view: FeatureViewDefinition): { name: string; type: ScalarName }[] {
  const columns = new Map<string, ScalarName>();
  for (const feature of view.features) {
    const type = isAggregated(feature) ? columnTypeOf(feature) : undefined;
    if (feature.column !== undefined && type !== undefined) columns.set(feature.column, type);
    const secondary = isAggregated(feature) ? secondaryOf(feature) : undefined;
    if (secondary !== undefined) columns.set(secondary.column, secondary.type);
  }
  if (view.eventId !== undefined && isScalarName(view.eventId.type))
    columns.set(view.eventId.column, view.eventId.type);
  for (const { column, type } of view.eventColumns) if (isScalarName(type)) columns.set(column, type);
  return [...columns].map(([name, type]) => ({ name, type }));
}

const ofOwnType: ReadonlySet<AggregateFunction> = new Set(['SUM', 'MIN', 'MAX', 'FIRST', 'LAST'] as const);
export const ofList: ReadonlySet<AggregateFunction> = new Set(['LAST_K', 'COLLECT_DISTINCT'] as const);
export const ofNumbers: ReadonlySet<AggregateFunction> = new Set(['MEAN', 'VARIANCE', 'STDDEV', 'QUANTILE'] as const);

/** The type of the column that a feature is made of; undefined where nothing tells it. */
export function columnTypeOf({ type, aggregation }: AggregatedFeature): ScalarName | undefined {
  if (aggregation.of !== undefined) return isScalarName(aggregation.of) ? aggregation.of : undefined;
  const own = valueTypeOfKey(type);
  if (ofNumbers.has(aggregation.function)) return 'FLOAT64';
  if (ofOwnType.has(aggregation.function)) return own?.kind === 'SCALAR' ? own.name : undefined;
  return ofList.has(aggregation.function) && own?.kind === 'ARRAY' ? own.element : undefined;
}

/** The secondary key of a feature and its type, which is that of the map's keys; undefined where there is none, or no map. */
export function secondaryOf({ type, aggregation }: AggregatedFeature): { column: string; type: MapKey } | undefined {
  const own = parseValueType(type);
  if (aggregation.secondaryKey === undefined || own?.kind !== 'MAP') return undefined;
  return { column: aggregation.secondaryKey, type: own.key };
}

/** The type of one value of a feature: of a map that of its elements. */
function valueTypeOfKey(type: string): ReturnType<typeof parseValueType> {
  const own = parseValueType(type);
  return own?.kind === 'MAP' ? scalar(own.element) : own;
}

export function windowOf({ window, hop, offset, inclusive }: AggregationDefinition): Window {
  return {
    length: window === 'FOREVER' ? undefined : microseconds(window),
    hop: microseconds(hop ?? '0s'),
    offset: microseconds(offset ?? '0s'),
    inclusive: inclusive ?? false,
  };
}

/**
 * What a window without values has: as it is declared, or 0 for a count, and null for everything else. With a secondary key it
 * is what a value of that has.
 */
export function emptyValue({ type, aggregation }: AggregatedFeature): { value: Value } | { problem: string } {
  const { default: written, function: name, secondaryKey } = aggregation;
  if (written === undefined || secondaryKey !== undefined)
    return { value: name === 'COUNT' || name === 'COUNT_DISTINCT' ? 0n : null };
  const own = parseValueType(type);
  if (own === undefined) return { problem: 'has no type' };
  if (own.kind === 'SCALAR' && own.name === 'STRING') return { value: written };
  try {
    return fromJson(own, own.kind === 'SCALAR' && own.name !== 'BOOL' ? jsonOrText(written) : JSON.parse(written));
  } catch {
    return { problem: 'must be JSON' };
  }
}

/** A number as such; a day, an instant or bytes need no quotes. */
function jsonOrText(written: string): unknown {
  const isNumber = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(written);
  return isNumber && Number.isSafeInteger(Number(written)) === Number.isInteger(Number(written))
    ? Number(written)
    : written;
}

/** All columns of the source that tell of a feature of a view: what it is of, and what its filter asks for. */
export function columnsTelling(view: FeatureViewDefinition, feature: FeatureDefinition): string[] {
  const filter = feature.aggregation?.filter;
  if (filter === undefined) return columnsRead(feature);
  const asked = eventFilter(filter, eventColumns(view));
  return [...columnsRead(feature), ...('reads' in asked ? asked.reads : [])];
}

/** Features with equal filters have one, which remembers for all of them what it said of an event. */
function plannedFilter(
  { name, aggregation: { filter: text } }: AggregatedFeature,
  columns: WindowPlan['columns'],
  known: Map<string, EventFilter>,
): { filter?: EventFilter } {
  if (text === undefined) return {};
  const earlier = known.get(text);
  if (earlier !== undefined) return { filter: earlier };
  const made = eventFilter(text, columns);
  if ('problem' in made) throw new TypeError(`the filter of ${name} is registered but is none`);
  known.set(text, made.filter);
  return { filter: made.filter };
}

function plannedFeature(
  feature: AggregatedFeature,
  place: (column: string | undefined) => number | undefined,
): PlannedFeature {
  const { aggregation } = feature;
  const secondary = secondaryOf(feature);
  const empty = emptyValue(feature);
  if ('problem' in empty) throw new TypeError(`the default of ${feature.name} ${empty.problem}`);
  return {
    function: aggregation.function,
    window: windowOf(aggregation),
    column: place(feature.column),
    columnType: columnTypeOf(feature) ?? 'BOOL',
    secondary: secondary && { column: place(secondary.column) ?? 0, type: secondary.type },
    most: aggregation.k ?? aggregation.limit ?? defaultLimit,
    quantile: aggregation.quantile ?? 0,
    whenEmpty: empty.value,
  };
}

/** Durations were checked at registration: anything else is a defect. */
function microseconds(written: string): number {
  const read = parseDuration(written);
  if (read === undefined) throw new TypeError(`"${written}" is registered but is no duration`);
  return Number(read);
}
