import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { OfflineStore } from '../providers/contract/offline-store.ts';
import type { FilesRelation, Relation } from '../providers/contract/relation.ts';
import type { Value } from '../providers/contract/value-type.ts';
import { openDuckdbProcessStore } from '../providers/duckdb/process/duckdb-process-store.ts';
import { requireSelection } from '../src/registry/selection.ts';
import { planRetrieval } from '../src/retrieval/point-in-time-planning.ts';
import { retrieveRun } from '../src/retrieval/retrieve-run.ts';
import { collected, context } from './conformance/offline-rows.ts';
import { catalogOfViews, type DescribedKey } from './conformance/view-catalog.ts';
import { madeDirectory } from './servers/made-directory.ts';
import { OpenedStores } from './servers/opened-stores.ts';

const flights = new URL('../examples/flights/', import.meta.url).pathname;

type Aggregation = { function: string; window: string; filter?: string };
type Feature = { name: string; type: string; column?: string; aggregation: Aggregation };

const month = '28d';
const count = (name: string, window: string, filter?: string): Feature => ({
  name,
  type: 'INT64',
  aggregation: { function: 'COUNT', window, ...(filter !== undefined && { filter }) },
});
const of = (name: string, how: string, type: string, column: string, window: string, filter?: string): Feature => ({
  name,
  type,
  column,
  aggregation: {
    function: how,
    window,
    ...(how === 'MEAN' && { of: 'INT64' }),
    ...(filter !== undefined && { filter }),
  },
});

const everyLanding = 'select * from {{ landed_flights }}';
/** Each landing twice: as a departure of one airport and as an arrival at another. */
const movements = `
  select origin as faa, landed_at, true as departing, dep_delay, arr_delay from {{ landed_flights }}
  union all
  select dest as faa, landed_at, false as departing, dep_delay, arr_delay from {{ landed_flights }}`;

/**
 * The SQL of the flights example, which sums minutes and frames them, asked again as windows over landings: at each landing,
 * itself included. What it has as a share is here the two counts.
 */
const asked: Record<string, Asked> = {
  airport_delays: {
    keys: [{ name: 'faa', type: 'STRING' }],
    events: movements,
    below: ['airport_minutes'],
    eventColumns: [{ column: 'departing', type: 'BOOL' }],
    features: [
      count('flights_3h', '3h'),
      count('flights_24h', '1d'),
      count('departures_24h', '1d', 'departing'),
      count('arrivals_24h', '1d', '!departing'),
      of('mean_arrival_delay_3h', 'MEAN', 'FLOAT64', 'arr_delay', '3h'),
      of('mean_arrival_delay_24h', 'MEAN', 'FLOAT64', 'arr_delay', '1d'),
      of('mean_departure_delay_24h', 'MEAN', 'FLOAT64', 'dep_delay', '1d', 'departing'),
      of('mean_arrival_delay_7d', 'MEAN', 'FLOAT64', 'arr_delay', '7d'),
      count('late_24h', '1d', 'arr_delay >= 15'),
      count('late_7d', '7d', 'arr_delay >= 15'),
      count('flights_7d', '7d'),
      count('late_3h', '3h', 'arr_delay >= 15'),
      of('worst_delay_24h', 'MAX', 'INT64', 'arr_delay', '1d'),
    ],
    made: {
      late_share_24h: (row) => share(row.late_24h, row.flights_24h),
      late_share_7d: (row) => share(row.late_7d, row.flights_7d),
      worst_delay_24h: (row) => Number(row.worst_delay_24h),
      mostly_late_now: (row) => Number(row.late_3h) * 2 > Number(row.flights_3h),
    },
  },
  carrier_delays: {
    keys: [{ name: 'carrier', type: 'STRING' }],
    features: [
      count('flights_24h', '1d'),
      of('mean_arrival_delay_24h', 'MEAN', 'FLOAT64', 'arr_delay', '1d'),
      of('mean_departure_delay_24h', 'MEAN', 'FLOAT64', 'dep_delay', '1d'),
      count('late_24h', '1d', 'arr_delay >= 15'),
      count('flights_28d', month),
      of('mean_arrival_delay_28d', 'MEAN', 'FLOAT64', 'arr_delay', month),
      count('late_28d', month, 'arr_delay >= 15'),
      count('recovered_28d', month, 'dep_delay > 0 && arr_delay <= 0'),
    ],
    made: {
      late_share_24h: (row) => share(row.late_24h, row.flights_24h),
      late_share_28d: (row) => share(row.late_28d, row.flights_28d),
      recovered_share_28d: (row) => share(row.recovered_28d, row.flights_28d),
    },
  },
  route_delays: {
    keys: [
      { name: 'origin', type: 'STRING' },
      { name: 'dest', type: 'STRING' },
    ],
    features: [
      count('flights_28d', month),
      of('mean_arrival_delay_7d', 'MEAN', 'FLOAT64', 'arr_delay', '7d'),
      of('mean_arrival_delay_28d', 'MEAN', 'FLOAT64', 'arr_delay', month),
      count('late_28d', month, 'arr_delay >= 15'),
      of('mean_air_minutes_28d', 'MEAN', 'FLOAT64', 'air_time', month),
      of('fastest_air_minutes_28d', 'MIN', 'INT64', 'air_time', month),
      of('slowest_air_minutes_28d', 'MAX', 'INT64', 'air_time', month),
      of('distance_28d', 'MAX', 'INT64', 'distance', month),
    ],
    made: {
      late_share_28d: (row) => share(row.late_28d, row.flights_28d),
      fastest_air_minutes_28d: (row) => Number(row.fastest_air_minutes_28d),
      air_minutes_spread_28d: (row) => Number(row.slowest_air_minutes_28d) - Number(row.fastest_air_minutes_28d),
      mean_speed_mph_28d: (row) => (60 * Number(row.distance_28d)) / Number(row.mean_air_minutes_28d),
    },
  },
};

type Row = Readonly<Record<string, Value>>;
type Asked = {
  keys: DescribedKey[];
  features: Feature[];
  made: Record<string, (row: Row) => Value>;
  /** The events; landings when left out. */
  events?: string;
  /** What its SQL reads besides landings. */
  below?: string[];
  eventColumns?: { column: string; type: string }[];
};

function share(some: Value | undefined, all: Value | undefined): number {
  return Number(some) / Number(all);
}

describe('windows over landings are the SQL that they stand for, to the last bit', () => {
  let store: OfflineStore;
  let landed: Relation;
  const home = madeDirectory();
  before(async () => {
    const places = {
      database: `${home.path}/flights.duckdb`,
      dataRoots: [flights],
      runsDirectory: `${home.path}/runs`,
    };
    store = await openDuckdbProcessStore({ ...places, threads: 1 });
    const file = (name: string): Promise<FilesRelation> =>
      store.decideFiles({ kind: 'FILES', format: 'PARQUET', paths: [`${flights}data/${name}.parquet`] });
    const inputs = { flights: await file('flights'), airports: await file('airports') };
    await store.transform('landed', { kind: 'QUERY', sql: await sqlOf('landed_flights'), inputs }, context());
    // December is compared, and its windows look back on four weeks: the year takes long.
    const sql = `select * from {{ landed }} where landed_at >= timestamp '2013-11-02'`;
    const whole = { kind: 'TRANSFORMED' as const, id: 'landed' };
    await store.transform('landed lately', { kind: 'QUERY', sql, inputs: { landed: whole } }, context());
    landed = { kind: 'TRANSFORMED', id: 'landed lately' };
  });
  after(async () => {
    await store?.close();
    await home.remove();
  });

  for (const [name, { made, below = [], ...view }] of Object.entries(asked)) {
    test(name, async () => {
      const inputs: Record<string, Relation> = { landed_flights: landed };
      for (const other of below) {
        await store.transform(other, { kind: 'QUERY', sql: await sqlOf(other), inputs: { ...inputs } }, context());
        inputs[other] = { kind: 'TRANSFORMED', id: other };
      }
      await store.transform(name, { kind: 'QUERY', sql: await sqlOf(name), inputs }, context());
      const winter = `select * from {{ whole }} where landed_at >= timestamp '2013-12-01'`;
      const whole = { kind: 'TRANSFORMED' as const, id: name };
      await store.transform(`${name} of winter`, { kind: 'QUERY', sql: winter, inputs: { whole } }, context());
      const expected = { kind: 'TRANSFORMED' as const, id: `${name} of winter` };
      const names = (await store.columns(expected)).map((column) => column.name);
      const rows = await windowed(name, view, expected);
      const other = await collected(store.scan(expected, names, context()));
      assert.ok(rows.length > 10_000);
      assert.equal(rows.length, other.length);
      for (const [at, row] of rows.entries()) {
        const mine = names.map((column) => made[column]?.(row) ?? row[column] ?? null);
        if (mine.some((value, place) => !Object.is(value, other[at]?.[place]))) assert.deepEqual(mine, other[at]);
      }
    });
  }

  /** The rows of the SQL as a spine: what its keys and moments have as windows. */
  async function windowed(
    name: string,
    { keys, features, events = everyLanding, eventColumns = [] }: Omit<Asked, 'made'>,
    spine: Relation,
  ): Promise<Row[]> {
    const inclusive = features.map((feature) => ({
      ...feature,
      aggregation: { ...feature.aggregation, inclusive: true },
    }));
    const view = { name: 'delays', eventTimestamp: 'landed_at', eventColumns, features: inclusive };
    const catalog = catalogOfViews(name, keys, [view]);
    const inputs = { landed_flights: landed };
    await store.transform('delays_rows@v1', { kind: 'QUERY', sql: events, inputs }, context());
    const [entity] = catalog.ofKind('ENTITY');
    const provider = catalog.find('PROVIDER', 'warehouse@v1');
    assert.ok(entity && provider);
    const columns = [...keys.map((key) => key.name), 'landed_at'].map((column) => ({ column, as: column }));
    const roles = [{ role: 'thing', entity, keys: keys.map((key) => ({ joinKey: key.name, column: key.name })) }];
    const selection = features.map((feature) => ({ feature: `delays:${feature.name}` }));
    const planned = planRetrieval(catalog, {
      spine: { relation: spine, provider, timestamp: 'landed_at', columns, roles },
      asked: requireSelection(catalog, selection, roles),
      knownAsOf: false,
    });
    const stores = new OpenedStores({ 'warehouse@v1': { offline: store } });
    const { summary } = await retrieveRun(stores, planned, name, context());
    const rows = await collected(store.streamRun(name, new AbortController().signal));
    return rows.map((row) => Object.fromEntries(summary.columns.map((column, at) => [column.name, row[at] ?? null])));
  }
});

function sqlOf(name: string): Promise<string> {
  return readFile(`${flights}sql/${name}.sql`, 'utf8');
}
