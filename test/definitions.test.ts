import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  allOf,
  bool,
  by,
  type DefinitionInput,
  definitions,
  duckdb,
  entity,
  featureService,
  featureView,
  files,
  float64,
  int64,
  type KeysOf,
  label,
  list,
  model,
  postgres,
  type RowOf,
  redis,
  sql,
  string,
  table,
  trainingSet,
  transformation,
  vector,
} from '@featuregraph/client';

const warehouse = duckdb({ threads: 2 }, { name: 'warehouse', tags: ['all'] });
const cache = redis({ host: 'localhost' }, { name: 'cache' });
const driver = entity('driver', { driver_id: int64('Its number.') }, { properties: { team: 'fleet' } });
const airport = entity('airport', { faa: string() });
const trips = files('trips', 'trips.csv', { provider: warehouse, columns: { driver_id: int64() } });
const rides = table('rides', { schema: 'public' });
const busy = transformation('busy', sql`select * from ${trips} where trips > ${10}`, { as: 'VIEW' });
const stats = featureView('stats', {
  entity: driver,
  source: busy,
  eventTimestamp: 'at',
  onlineStore: cache,
  features: { conv_rate: float64('What it is.'), trips: int64(), tags: list(string()), place: vector(2, 'L2') },
});
const delays = featureView('delays', { entity: airport, source: rides, variant: 'v2', features: { late: bool() } });
const arrived = label('arrived', {
  source: rides,
  value: { late: bool() },
  entities: { origin: by(airport, { faa: 'from' }), dest: by(airport, { faa: 'to' }), driver },
});
const learnt = trainingSet('learnt', {
  label: arrived,
  features: [delays.late.in('origin'), stats.trips.lagged('24h').as('before'), stats.conv_rate],
});
const eta = featureService('eta', [stats.conv_rate, stats.trips.as('recent'), ...allOf(delays, { role: 'origin' })]);

/** True where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Flat<T> = { [K in keyof T]: T[K] };
const holds = <_T extends true>(): void => {};

describe('definitions as code', () => {
  test('are the definitions that they stand for', () => {
    const eta2 = model('eta', { trainingSets: [learnt], featureServices: [eta] });
    const written: DefinitionInput[] = definitions(
      warehouse,
      cache,
      driver,
      trips,
      busy,
      delays,
      arrived,
      learnt,
      eta,
      eta2,
    );
    assert.deepEqual(JSON.parse(JSON.stringify(written)), [
      { provider: { name: 'warehouse', tags: ['all'], config: { duckdb: { threads: 2 } } } },
      { provider: { name: 'cache', config: { redis: { host: 'localhost' } } } },
      {
        entity: {
          name: 'driver',
          properties: [{ key: 'team', value: 'fleet' }],
          joinKeys: [{ name: 'driver_id', type: 'INT64', description: 'Its number.' }],
        },
      },
      {
        source: {
          name: 'trips',
          provider: 'warehouse',
          files: { paths: ['trips.csv'], columns: [{ name: 'driver_id', type: 'INT64' }] },
        },
      },
      {
        source: {
          name: 'busy',
          transformation: { sql: 'select * from {{ trips }} where trips > 10', as: 'VIEW' },
        },
      },
      {
        featureView: {
          name: 'delays',
          variant: 'v2',
          entity: 'airport',
          source: 'rides',
          features: [{ name: 'late', type: 'BOOL' }],
        },
      },
      {
        label: {
          name: 'arrived',
          source: 'rides',
          value: { column: 'late', type: 'BOOL' },
          entities: [
            { entity: 'airport', role: 'origin', joinKeys: [{ joinKey: 'faa', column: 'from' }] },
            { entity: 'airport', role: 'dest', joinKeys: [{ joinKey: 'faa', column: 'to' }] },
            { entity: 'driver' },
          ],
        },
      },
      {
        trainingSet: {
          name: 'learnt',
          label: 'arrived',
          features: [
            { feature: 'delays@v2:late', role: 'origin' },
            { feature: 'stats:trips', lag: '24h', alias: 'before' },
            { feature: 'stats:conv_rate' },
          ],
        },
      },
      {
        featureService: {
          name: 'eta',
          features: [
            { feature: 'stats:conv_rate' },
            { feature: 'stats:trips', alias: 'recent' },
            { feature: 'delays@v2:late', role: 'origin' },
          ],
        },
      },
      { model: { name: 'eta', trainingSets: ['learnt'], featureServices: ['eta'] } },
    ]);
  });

  test('infer the row of a service, and its keys', () => {
    type Float = number | 'NaN' | 'Infinity' | '-Infinity' | '-0';
    holds<
      Same<
        Flat<RowOf<typeof eta>>,
        { conv_rate: Float | null; recent: number | string | null; origin_late: boolean | null }
      >
    >();
    holds<Same<Flat<KeysOf<typeof eta>>, { driver_id: number | string; origin: { faa: string } }>>();
    holds<Same<Flat<RowOf<typeof learnt>>['before'], number | string | null>>();
  });
});

/** What would be refused at registration is refused by the compiler: `npm run check` sees that each line is. */
export function refusedByTheCompiler(): void {
  const source = trips;
  // @ts-expect-error: the view has no such feature
  stats.conv_rates;
  // @ts-expect-error: a source is in an offline store, and Redis is none
  files('a', 'a.csv', { provider: cache });
  // @ts-expect-error: a view is served from an online store, and DuckDB is none
  featureView('a', { entity: driver, source, onlineStore: warehouse, features: { a: int64() } });
  featureView('a', { entity: driver, source, onlineStore: postgres({ host: 'db' }), features: { a: int64() } });
  // @ts-expect-error: the entity has no such join key
  featureView('a', { entity: driver, source, joinKeys: { id: 'driver' }, features: { a: int64() } });
  // @ts-expect-error: nothing is called so in the label
  trainingSet('a', { label: arrived, features: [delays.late.in('via')] });
  // @ts-expect-error: the role is played by another entity
  trainingSet('a', { label: arrived, features: [stats.trips.in('origin')] });
  // @ts-expect-error: its entity plays roles of other names
  trainingSet('a', { label: arrived, features: [delays.late] });
  // @ts-expect-error: what is served is the latest
  featureService('a', [stats.trips.lagged('1h')]);
  // @ts-expect-error: a model learns from training sets
  model('a', { trainingSets: [eta] });
  // @ts-expect-error: the name is taken
  definitions(driver, stats, entity('driver', { id: string() }));
  definitions(driver, entity('driver', { id: string() }, { variant: 'v2' }));
}
