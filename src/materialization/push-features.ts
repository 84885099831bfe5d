import { weightOfRow } from '../../providers/contract/batch-weight.ts';
import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Scalar, Value } from '../../providers/contract/value-type.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { registeredType } from '../serving/view-rows.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { isTurnDue, spendWeight, turn } from '../turns.ts';
import { fromJson } from '../values/json-value.ts';
import { eventColumns, hasWindows } from '../windows/view-windows.ts';
import { pushEvents, requireEventId } from './push-events.ts';
import { type ViewRow, ViewWriter, type Written } from './view-writer.ts';

export const maxPushedRows = 10_000;

/** Who makes so many mistakes makes the same in every row. */
const mostIssues = 1_000;

/** How many rows are read before others are looked after. */
const rowsOfTurn = 200;

/** What a pushed row may hold: join keys, timestamps and features, each by its registered name. */
type Field = { name: string; type: string; needed: boolean };

/**
 * Writes rows that a caller sends along straight to where the view is served from; once it resolves, reads see
 * them. A row names its join keys, its event timestamp by the view's column, and every feature, null where there is
 * no value: a row replaces all of the older one. What is wrong with the rows is reported at once, up to a
 * thousand issues, and nothing is written. Of a view of windows, rows are events, and name the columns that it is made of.
 */
export async function pushFeatures(
  stores: StorePool,
  catalog: Catalog,
  view: ResourceOf<'FEATURE_VIEW'>,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<Written> {
  if (rows.length > maxPushedRows) {
    throw new Failure('LIMIT_EXCEEDED', `A push has ${maxPushedRows} rows at most.`, {
      issues: [{ path: 'rows', message: `has ${rows.length} rows`, fix: 'Send them in several pushes.' }],
    });
  }
  const ofWindows = hasWindows(view.definition);
  if (ofWindows) requireEventId(view);
  const writer = ofWindows ? undefined : await ViewWriter.open(stores, catalog, view);
  const issues: Issue[] = [];
  const read: ViewRow[] = [];
  for (const [at, row] of rows.entries()) {
    if (at % rowsOfTurn === rowsOfTurn - 1 || isTurnDue()) await turn();
    const one = readRow(catalog, view, row, `rows[${at}]`, issues);
    spendWeight(weightOfRow(one.values));
    read.push(one);
    if (issues.length >= mostIssues && at < rows.length - 1)
      throw invalid(issues, ` Rows after rows[${at}] were not read.`);
  }
  if (issues.length > 0) throw invalid(issues);
  return writer === undefined ? pushEvents(stores, catalog, view, read) : writer.write(read);
}

function invalid(issues: readonly Issue[], more = ''): Failure {
  return new Failure('INVALID_INPUT', `Nothing was written: the rows have issues.${more}`, { issues });
}

function readRow(
  catalog: Catalog,
  view: ResourceOf<'FEATURE_VIEW'>,
  row: Readonly<Record<string, unknown>>,
  path: string,
  issues: Issue[],
): ViewRow {
  const { eventTimestamp, createdTimestamp } = view.definition;
  const joinKeys = catalog.find('ENTITY', view.definition.entity)?.definition.joinKeys ?? [];
  const time = (name: string | undefined, needed: boolean): Field[] =>
    name === undefined ? [] : [{ name, type: 'TIMESTAMP', needed }];
  const keyFields = joinKeys.map(({ name, type }) => ({ name, type, needed: true }));
  const eventFields = time(eventTimestamp, true);
  const createdFields = time(createdTimestamp, false);
  const valueFields = pushedValues(view.definition);
  refuseUnknown(row, [...keyFields, ...eventFields, ...createdFields, ...valueFields], path, issues);
  const read = (fields: readonly Field[]) => fields.map((field) => readField(row, field, path, issues));
  for (const { name } of valueFields) {
    if (!Object.hasOwn(row, name))
      issues.push({ path: `${path}.${name}`, message: 'is missing', fix: 'Give a value, or null.' });
  }
  return {
    key: read(keyFields) as (Scalar | null)[],
    eventTimestamp: (read(eventFields)[0] ?? null) as bigint | null,
    createdTimestamp: createdOf(row, createdTimestamp, read(createdFields)[0] ?? null),
    values: read(valueFields),
  };
}

/** Features by their names; of a view of windows the columns of its events, by theirs. */
export function pushedValues(view: ResourceOf<'FEATURE_VIEW'>['definition']): Field[] {
  const isId = (name: string) => name === view.eventId?.column;
  const values = hasWindows(view) ? eventColumns(view) : view.features;
  return values.map(({ name, type }) => ({ name, type, needed: isId(name) }));
}

/** Now, for a row that does not say when it was recorded; null stays null, as in a source. */
function createdOf(row: Readonly<Record<string, unknown>>, column: string | undefined, read: Value): bigint | null {
  if (typeof read === 'bigint') return read;
  return column === undefined || Object.hasOwn(row, column) ? null : BigInt(Date.now()) * 1_000n;
}

function readField(
  row: Readonly<Record<string, unknown>>,
  { name, type, needed }: Field,
  path: string,
  issues: Issue[],
): Value {
  const read = fromJson(registeredType(type), Object.hasOwn(row, name) ? row[name] : null);
  if ('problem' in read) {
    issues.push({ path: `${path}.${name}`, message: `${read.problem} (${type})` });
    return null;
  }
  if (needed && read.value === null) {
    issues.push({ path: `${path}.${name}`, message: 'is missing or null', fix: `Give a value of type ${type}.` });
  }
  return read.value;
}

function refuseUnknown(
  row: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
  path: string,
  issues: Issue[],
): void {
  const names = new Set(fields.map((field) => field.name));
  for (const name of Object.keys(row)) {
    if (!names.has(name))
      issues.push({
        path: `${path}.${name}`,
        message: 'is no field of the view',
        fix: `There are ${[...names].join(', ')}.`,
      });
  }
}
