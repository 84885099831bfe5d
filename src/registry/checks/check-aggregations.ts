import { parseValueType } from '../../../providers/contract/value-type.ts';
import { formatProblem } from '../../expressions/expression.ts';
import { eventFilter } from '../../windows/event-filter.ts';
import {
  type AggregatedFeature,
  columnTypeOf,
  emptyValue,
  eventColumns,
  hasWindows,
  isAggregated,
  ofList,
  ofNumbers,
  secondaryOf,
  windowOf,
} from '../../windows/view-windows.ts';
import type { FeatureViewDefinition } from '../definitions/definition.ts';
import type { Report } from './check-world.ts';

/** That a view of windows can be computed as it is written; of other views, that they say nothing of windows. */
export function checkAggregations(view: FeatureViewDefinition, report: Report): void {
  if (hasWindows(view)) checkWindowView(view, report);
  else checkPlainView(view, report);
}

function checkWindowView(view: FeatureViewDefinition, report: Report): void {
  if (view.eventTimestamp === undefined) {
    const message = 'Windows need an eventTimestamp to tell which events are in them.';
    report('eventTimestamp', message, 'Name the column that says when an event happened.');
  }
  if (view.ttl !== undefined) report('ttl', 'Windows decay by themselves: a view of them has no TTL.', 'Leave it out.');
  const types: ColumnTypes = new Map();
  if (view.eventId !== undefined) types.set(view.eventId.column, { type: view.eventId.type, where: 'eventId' });
  const columns = eventColumns(view);
  for (const [at, feature] of view.features.entries()) {
    if (isAggregated(feature)) checkFilter(feature, columns, `features[${at}].aggregation.filter`, report);
    if (isAggregated(feature)) checkAggregation(feature, `features[${at}]`, report);
    else {
      const fix = 'Give it an aggregation, or put it into a view of its own.';
      report(`features[${at}].aggregation`, 'The other features of the view are over windows.', fix);
    }
    checkOneType(feature, at, types, report);
  }
  for (const [at, { column, type }] of view.eventColumns.entries()) checkEventColumn(column, type, at, types, report);
}

type ColumnTypes = Map<string, { type: string; where: string }>;

function checkEventColumn(column: string, type: string, at: number, types: ColumnTypes, report: Report): void {
  const other = types.get(column);
  if (other === undefined) types.set(column, { type, where: `eventColumns[${at}]` });
  else report(`eventColumns[${at}]`, `"${column}" is named in ${other.where} already.`, 'Name it once.');
}

function checkFilter(
  { aggregation }: AggregatedFeature,
  columns: ReturnType<typeof eventColumns>,
  path: string,
  report: Report,
): void {
  if (aggregation.filter === undefined) return;
  const filter = eventFilter(aggregation.filter, columns);
  if (!('problem' in filter)) return;
  const hint =
    filter.problem.code === 'UNKNOWN_NAME' ? ' Columns that no feature is made of are named in eventColumns.' : '';
  report(path, formatProblem(filter.problem), `${filter.problem.fix}${hint}`);
}

function checkPlainView(view: FeatureViewDefinition, report: Report): void {
  for (const [at, { type }] of view.features.entries()) {
    if (parseValueType(type)?.kind !== 'MAP') continue;
    const fix = 'Give it an aggregation with a secondaryKey, or declare the type that the column has.';
    report(`features[${at}].type`, 'Maps are made by windows with a secondary key, and by nothing else.', fix);
  }
  if (view.eventColumns.length > 0)
    report('eventColumns', 'The view has no windows, whose filters could name them.', 'Leave it out.');
  for (const field of ['lateness', 'eventId'] as const) {
    if (view[field] === undefined) continue;
    report(field, 'The view has no windows, which alone have it.', 'Leave it out, or give the features aggregations.');
  }
}

/** A column is kept once, as one type. */
function checkOneType(
  feature: FeatureViewDefinition['features'][number],
  at: number,
  types: ColumnTypes,
  report: Report,
): void {
  if (!isAggregated(feature)) return;
  const read = [
    { field: 'of', column: feature.column, type: columnTypeOf(feature) },
    { field: 'secondaryKey', ...secondaryOf(feature) },
  ];
  for (const { field, column, type } of read) {
    if (column === undefined || type === undefined) continue;
    const other = types.get(column);
    if (other === undefined) types.set(column, { type, where: `features[${at}]` });
    else if (other.type !== type) {
      const message = `Column "${column}" is ${type} here and ${other.type} in ${other.where}.`;
      report(`features[${at}].aggregation.${field}`, message, 'Say the type that the column has, in both.');
    }
  }
}

function checkAggregation(feature: AggregatedFeature, path: string, report: Report): void {
  const { aggregation, column } = feature;
  const { function: name } = aggregation;
  if (column === undefined && name !== 'COUNT')
    report(`${path}.column`, `${name} needs a column.`, 'Name the column of the source.');
  if (column === undefined && aggregation.of !== undefined)
    report(`${path}.aggregation.of`, 'There is no column that it could be the type of.', 'Leave it out.');
  if (column !== undefined && columnTypeOf(feature) === undefined)
    report(`${path}.aggregation.of`, `The type of "${column}" is not known.`, 'Say it, as STRING.');
  checkSecondaryKey(feature, path, report);
  checkType(feature, path, report);
  checkOwnFields(feature, path, report);
  checkWindow(feature, path, report);
  const empty = emptyValue(feature);
  if ('problem' in empty)
    report(`${path}.aggregation.default`, `The default ${empty.problem} (${feature.type}).`, 'Write it as JSON does.');
}

/** What a map by a secondary key can be of, and that it says nothing of what it is without. */
function checkSecondaryKey({ aggregation }: AggregatedFeature, path: string, report: Report): void {
  const { secondaryKey, function: name } = aggregation;
  if (secondaryKey === undefined) return;
  if (ofList.has(name)) {
    const fix = 'Leave it out, or take a function of one value, as LAST or COUNT_DISTINCT.';
    report(`${path}.aggregation.secondaryKey`, `${name} gives lists, and a map is of single values.`, fix);
  }
  if (aggregation.default !== undefined)
    report(`${path}.aggregation.default`, 'A window without events is a map without entries.', 'Leave it out.');
}

const numbers = ['INT32', 'INT64', 'FLOAT32', 'FLOAT64'];

/** The type that a function's values have, by that of its column. */
function checkType(feature: AggregatedFeature, path: string, report: Report): void {
  const { function: name } = feature.aggregation;
  const of = columnTypeOf(feature);
  if ((name === 'SUM' || ofNumbers.has(name)) && of !== undefined && !numbers.includes(of)) {
    const fix = `Take a column of ${numbers.join(', ')}.`;
    report(`${path}.aggregation.function`, `${name} is of numbers, and the column is ${of}.`, fix);
    return;
  }
  const one = valueTypeOf(feature, of);
  const type = one && typeWithKey(feature, one);
  if (type === undefined)
    report(`${path}.type`, `${name} is no ${feature.type}.`, 'Declare a scalar, or a list of one.');
  else if (feature.type !== type) {
    const { secondaryKey } = feature.aggregation;
    const by = secondaryKey === undefined ? '' : ` by ${secondaryKey}`;
    const isMap = secondaryKey === undefined && feature.type.startsWith('MAP');
    const fix = `Declare ${type}${isMap ? ', or name a secondaryKey' : ''}.`;
    report(`${path}.type`, `${name} of ${of ?? 'events'}${by} is ${type}, not ${feature.type}.`, fix);
  }
}

/** The keys of a map are as they are declared, for nothing else tells their type. */
function typeWithKey({ type, aggregation }: AggregatedFeature, one: string): string {
  if (aggregation.secondaryKey === undefined) return one;
  const own = parseValueType(type);
  return `MAP(${own?.kind === 'MAP' ? own.key : 'STRING'}, ${one})`;
}

function valueTypeOf({ type, aggregation }: AggregatedFeature, of: string | undefined): string | undefined {
  const { function: name } = aggregation;
  if (name === 'COUNT' || name === 'COUNT_DISTINCT') return 'INT64';
  if (ofNumbers.has(name)) return 'FLOAT64';
  if (name === 'SUM') return of?.startsWith('FLOAT') ? 'FLOAT64' : 'INT64';
  const isList = name === 'LAST_K' || name === 'COLLECT_DISTINCT';
  if (of !== undefined) return isList ? `${of}[]` : of;
  return parseValueType(type)?.kind === (isList ? 'ARRAY' : 'SCALAR') ? type : undefined;
}

/** Fields that some functions alone have: those that need them too. */
const ownFields = {
  k: { of: ['LAST_K'], needed: true },
  quantile: { of: ['QUANTILE'], needed: true },
  limit: { of: ['COUNT_DISTINCT', 'COLLECT_DISTINCT'], needed: false },
} as const;

function checkOwnFields({ aggregation }: AggregatedFeature, path: string, report: Report): void {
  for (const field of ['k', 'quantile', 'limit'] as const) {
    const { of, needed } = ownFields[field];
    const isOwn = (of as readonly string[]).includes(aggregation.function);
    if (isOwn && needed && aggregation[field] === undefined)
      report(`${path}.aggregation.${field}`, `${aggregation.function} needs it.`, 'Give a number.');
    if (!isOwn && aggregation[field] !== undefined)
      report(
        `${path}.aggregation.${field}`,
        `${aggregation.function} has no ${field}.`,
        `Leave it out: it is of ${of.join(' and ')}.`,
      );
  }
}

function checkWindow({ aggregation }: AggregatedFeature, path: string, report: Report): void {
  const { length, hop } = windowOf(aggregation);
  if (length === 0) report(`${path}.aggregation.window`, 'A window of no length is empty.', 'Give it a length, as 1h.');
  if (length !== undefined && length > 0 && hop > length)
    report(`${path}.aggregation.hop`, 'The hop is longer than the window.', `Give ${aggregation.window} at most.`);
  if (length === undefined && hop > 0)
    report(`${path}.aggregation.hop`, 'All of the past begins nowhere.', 'Leave it out.');
}
