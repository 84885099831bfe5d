import type { AggregationInput } from '../generated/operations.ts';
import type { ColumnOptions, ColumnType, Float, Integer } from './column-types.ts';
import { described } from './described.ts';
import { callOf, requireNumber, requireObject, requireText, requireType } from './misuse.ts';

/** How a window lies, and what may be said of the feature. */
export type WindowOptions = Omit<ColumnOptions, 'column'> & {
  /** In which steps it begins, as 5m; exactly when left out. */
  hop?: string;
  /** How far before the instant it ends. */
  offset?: string;
  /** Whether an event at the very instant counts. */
  inclusive?: boolean;
  /** Which events count, in CEL. */
  filter?: string;
  /** The value of a window without any, as JSON writes it. */
  default?: string;
};

/** A function of the events of a window, which is still to be said. */
export type Windowed<T, W extends string = string> = {
  /** As 90s, 1h or 30d, or FOREVER. */
  over(window: string, options?: WindowOptions): ColumnType<T, W>;
};

/** The same of one value: `sum('amount', float64()).over('7d')`, or `sum('amount', float64()).secondaryKey('shop', string()).over('7d')`. */
export type Aggregate<T, W extends string = string> = Windowed<T, W> & {
  /** A value for each value of another column: in answers an object by these. */
  secondaryKey<K extends string>(
    column: string,
    of: ColumnType<unknown, K>,
  ): Windowed<Readonly<Record<string, T | null>>, `MAP(${K}, ${W})`>;
};

type Own = Pick<AggregationInput, 'function'> &
  Partial<Pick<AggregationInput, 'of' | 'k' | 'limit' | 'quantile' | 'secondaryKey'>>;

function aggregate<T, W extends string>(type: W, own: Own, column?: string): Aggregate<T, W> {
  return {
    ...windowed<T, W>(type, own, column),
    secondaryKey: (key, of) => {
      requireColumn('secondaryKey', key, of, '', 'shop');
      return windowed(`MAP(${of.type}, ${type})`, { ...own, secondaryKey: key }, column);
    },
  };
}

function windowed<T, W extends string>(type: W, own: Own, column?: string): Windowed<T, W> {
  return {
    over(window, said = {}) {
      const call = `${own.function}${column === undefined ? '' : ` of ${column}`}: ${callOf('.over', window)}`;
      requireText(call, 'the window', window, "Write .over('7d'), or .over('FOREVER').");
      requireObject(call, 'what comes second', said, "Write .over('7d', { offset: '1d' }).");
      const { hop, offset, inclusive, filter, default: value, ...options } = said;
      return {
        type,
        ...(column !== undefined && { column }),
        ...described(options),
        aggregation: {
          ...own,
          window,
          ...(hop !== undefined && { hop }),
          ...(offset !== undefined && { offset }),
          ...(inclusive !== undefined && { inclusive }),
          ...(filter !== undefined && { filter }),
          ...(value !== undefined && { default: value }),
        },
      };
    },
  };
}

/** What every function of a column is told: which column, and of which type it is there. */
function requireColumn(builder: string, column: unknown, of: unknown, between = '', example = 'amount'): void {
  const call = callOf(builder, column);
  const written = typeof column === 'string' && column !== '' ? column : example;
  const fix = `Write ${builder}('${written}', ${between}float64()), with the type that the column has.`;
  requireText(call, 'the column', column, fix);
  requireType(call, "the column's type", of, fix);
}

/** How many events there are, or how many of them have a value in a column. */
export function count(column?: string, of?: ColumnType): Aggregate<Integer, 'INT64'> {
  if (of !== undefined) requireColumn('count', column, of);
  else if (column !== undefined)
    requireText(callOf('count', column), 'the column', column, "Write count(), or count('amount').");
  return aggregate('INT64', { function: 'COUNT', ...(of && { of: of.type }) }, column);
}

export function countDistinct(
  column: string,
  of: ColumnType,
  options: { limit?: number } = {},
): Aggregate<Integer, 'INT64'> {
  requireColumn('countDistinct', column, of);
  return aggregate('INT64', { function: 'COUNT_DISTINCT', of: of.type, ...options }, column);
}

/** Of integers an INT64, of other numbers a FLOAT64. */
export function sum<T, W extends string>(
  column: string,
  of: ColumnType<T, W>,
): W extends 'INT32' | 'INT64' ? Aggregate<Integer, 'INT64'> : Aggregate<Float, 'FLOAT64'>;
export function sum(column: string, of: ColumnType): Aggregate<Integer | Float> {
  requireColumn('sum', column, of);
  return aggregate(of.type.startsWith('INT') ? 'INT64' : 'FLOAT64', { function: 'SUM', of: of.type }, column);
}

/** Functions whose values are FLOAT64, whatever the column's are. */
function ofNumbers(name: 'MEAN' | 'VARIANCE' | 'STDDEV') {
  return (column: string, of: ColumnType): Aggregate<Float, 'FLOAT64'> => {
    requireColumn(name.toLowerCase(), column, of);
    return aggregate('FLOAT64', { function: name, of: of.type }, column);
  };
}

export const mean = ofNumbers('MEAN');
export const variance = ofNumbers('VARIANCE');
export const stddev = ofNumbers('STDDEV');

/** A value within 1 % of the one of that rank, as 0.99. */
export function quantile(column: string, rank: number, of: ColumnType): Aggregate<Float, 'FLOAT64'> {
  const fix = `Write quantile('amount', 0.99, float64()).`;
  requireNumber(callOf('quantile', column, rank), 'the rank', rank, fix);
  requireColumn('quantile', column, of, '0.99, ');
  return aggregate('FLOAT64', { function: 'QUANTILE', of: of.type, quantile: rank }, column);
}

/** Functions whose values are values of the column. */
function ofOwnType(name: 'MIN' | 'MAX' | 'FIRST' | 'LAST') {
  return <T, W extends string>(column: string, of: ColumnType<T, W>): Aggregate<T, W> => {
    requireColumn(name.toLowerCase(), column, of);
    return aggregate(of.type, { function: name }, column);
  };
}

export const min = ofOwnType('MIN');
export const max = ofOwnType('MAX');
export const first = ofOwnType('FIRST');
export const last = ofOwnType('LAST');

/** The newest `k`, the newest first. */
export function lastK<T, W extends string>(
  column: string,
  k: number,
  of: ColumnType<T, W>,
): Windowed<readonly T[], `${W}[]`> {
  requireNumber(callOf('lastK', column, k), 'how many', k, "Write lastK('amount', 10, float64()).");
  requireColumn('lastK', column, of, '10, ');
  return windowed(`${of.type}[]` as const, { function: 'LAST_K', k }, column);
}

/** The different values, in their order. */
export function collectDistinct<T, W extends string>(
  column: string,
  of: ColumnType<T, W>,
  options: { limit?: number } = {},
): Windowed<readonly T[], `${W}[]`> {
  requireColumn('collectDistinct', column, of);
  return windowed(`${of.type}[]` as const, { function: 'COLLECT_DISTINCT', ...options }, column);
}
