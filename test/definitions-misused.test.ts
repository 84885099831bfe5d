import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as client from '@featuregraph/client';
import fc from 'fast-check';

const { entity, featureView, files, float64, int64, label, bool, featureService, trainingSet, sum } = client;

/** All that makes definitions, as JavaScript sees it: nothing is known of what it takes. */
type Builder = (...given: readonly unknown[]) => unknown;
const others = new Set([
  'connect',
  'rowsOf',
  'typedColumns',
  'pagesOf',
  'boundEntity',
  'boundService',
  'boundTrainingSet',
]);
const builders = Object.fromEntries(
  Object.entries(client).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && !others.has(name),
  ),
) as unknown as Readonly<Record<string, Builder>>;

function saidOf(build: () => unknown): string | undefined {
  try {
    build();
    return undefined;
  } catch (error) {
    assert.equal((error as Error).name, 'TypeError');
    return (error as Error).message;
  }
}
const said = (name: string, ...given: readonly unknown[]) => saidOf(() => builders[name]?.(...given));

const driver = entity('driver', { driver_id: int64() });
const trips = files('trips', 'trips.csv');
const stats = featureView('stats', { entity: driver, source: trips, features: { trips: int64() } });
const late = label('late', { source: trips, value: { late: bool() }, entities: { driver } });

describe('builders that are called wrongly, from JavaScript', () => {
  test('name the call, what is wrong with it, and how it is written', () => {
    const view = { entity: driver, source: trips, features: { trips: int64() } };
    for (const [name, given, told] of [
      [
        'sum',
        ['amount'],
        "sum('amount'): the column's type is undefined, and must be a type, as int64() is one. Write sum('amount', float64()), with the type that the column has.",
      ],
      [
        'mean',
        ['amount', float64],
        "mean('amount'): the column's type is a function, and not yet a type. Call it: int64().",
      ],
      [
        'quantile',
        ['amount', float64()],
        "quantile('amount', {…}): the rank is {…}, and must be a number. Write quantile('amount', 0.99, float64()).",
      ],
      [
        'lastK',
        ['amount'],
        "lastK('amount', undefined): how many is undefined, and must be a number. Write lastK('amount', 10, float64()).",
      ],
      [
        'int64',
        [{ tags: ['a'] }],
        "int64({…}): what comes first is no description, which is text. Write int64('What it is.', { … }), or int64(undefined, { … }).",
      ],
      [
        'list',
        ['INT64'],
        "list('INT64'): the element is 'INT64', and must be a type, as int64() is one. Write list(string()).",
      ],
      [
        'vector',
        [384],
        "vector(384, undefined): the metric is left out: it is COSINE, DOT or L2. Write vector(384, 'COSINE').",
      ],
      [
        'entity',
        ['driver', { driver_id: int64 }],
        "entity('driver'): its keys.driver_id is a function, and not yet a type. Call it: int64().",
      ],
      [
        'entity',
        ['driver', { driver_id: int64() }, 'v2'],
        "entity('driver'): what comes last is 'v2', and must be an object. Write options by name: { variant: 'v2', description: 'What it is.' }.",
      ],
      [
        'featureView',
        ['stats', { ...view, entity: 'driver' }],
        "featureView('stats'): entity is 'driver', a name: give what is defined under it. Give what entity(…) made.",
      ],
      [
        'featureView',
        ['stats', { ...view, features: { n: sum('amount', float64()) } }],
        "featureView('stats'): features.n is of no window yet. Say of which: sum('amount', float64()).over('7d').",
      ],
      [
        'featureView',
        ['stats', { ...view, onlineStore: trips }],
        "featureView('stats'): onlineStore is {…}, and must be what a provider is. Give what redis(…), lmdb(…), qdrant(…) or another provider made, or leave it out.",
      ],
      [
        'featureService',
        ['eta', [(stats as { trip?: unknown }).trip]],
        "featureService('eta'): features[0] is undefined. Its view has no feature of this name: spell it as the view does.",
      ],
      [
        'featureService',
        ['eta', [client.allOf(stats)]],
        "featureService('eta'): features[0] is a list. Spread it: ...allOf(stats).",
      ],
      [
        'trainingSet',
        ['learnt', { label: late, features: [stats] }],
        "trainingSet('learnt'): features[0] is {…}, and no feature. Name a property of a view: stats.trips.",
      ],
      [
        'label',
        ['late', { source: trips, value: { a: bool(), b: bool() }, entities: { driver } }],
        "label('late'): value must have one column. Write label('late', { source: trips, value: { late: bool() }, entities: { driver } }).",
      ],
      [
        'by',
        [trips, {}],
        "by({…}, {…}): what comes first is {…}, and must be what an entity is. Write by(airport, { faa: 'origin' }).",
      ],
      [
        'onDemandFeatureView',
        ['basket', { inputs: [stats.trips], features: { doubled: 2 } }],
        "onDemandFeatureView('basket'): features.doubled is no expression. Write 'trips * 2', or computed(int64(), 'trips * 2').",
      ],
      ['sql', ['select 1'], "sql('select 1'): it was called. Write it before the text: sql`select 1`."],
      [
        'model',
        ['eta', { trainingSets: late }],
        "model('eta'): trainingSets is {…}, and must be a list. Write model('eta', { trainingSets: [learnt], featureServices: [served] }).",
      ],
      [
        'redis',
        ['redis://localhost'],
        "redis('redis://localhost'): what comes first is 'redis://localhost', and must be an object. Write redis({ … }, { name: 'latest' }).",
      ],
      [
        'grant',
        ['READER', { on: stats }],
        "grant('READER'): to is undefined, and must be an object. Write grant('READER', { to: { group: 'analysts' }, on: stats }).",
      ],
      [
        'definitions',
        [driver, [stats]],
        'definitions(…): what comes as number 2 is […], and must be an object. Give what builders made, each as one: definitions(driver, trips, ...others).',
      ],
    ] as const)
      assert.equal(said(name, ...given), told);
    assert.equal(
      saidOf(() => client.sql`select * from ${'trips'} where a > ${undefined as never}`),
      'sql`…`: what stands in it is undefined, and must be what a source is. Name what files(…), table(…) or transformation(…) made.',
    );
    assert.equal(
      saidOf(() => stats.trips.as(undefined as never)),
      "stats:trips.as(undefined): the name is undefined, and must be text. Write .as('recent').",
    );
    assert.equal(
      saidOf(() => sum('amount', float64()).over(7 as never)),
      "SUM of amount: .over(7): the window is 7, and must be text. Write .over('7d'), or .over('FOREVER').",
    );
    assert.throws(
      () => featureService('eta', [stats.trips], { tags: 'raw' as never }),
      /^TypeError: tags: .*\['raw'\]\.$/,
    );
    assert.doesNotThrow(() => trainingSet('learnt', { label: late, features: [stats.trips.lagged('1h')] }));
  });

  test('never fail without saying what to write, whatever they are given', () => {
    assert.ok(Object.keys(builders).length > 40);
    const made = [driver, trips, stats, late, stats.trips, int64(), sum('amount', float64()), int64];
    const value = fc.oneof(
      fc.constantFrom<unknown[]>(undefined, null, 'x', '', 7, true, [], {}, ...made, ...made.map((one) => [one])),
      fc.dictionary(
        fc.constantFrom(
          'entity',
          'source',
          'features',
          'label',
          'value',
          'entities',
          'inputs',
          'request',
          'to',
          'on',
          'of',
          'by',
          'tags',
          'columns',
          'joinKeys',
          'trainingSets',
          'eventColumns',
        ),
        fc.constantFrom<unknown[]>(
          undefined,
          null,
          'x',
          7,
          [],
          {},
          ...made,
          { a: int64() },
          { a: null },
          [undefined],
          [stats.trips],
        ),
      ),
    );
    const wrong = fc.property(
      fc.constantFrom(...Object.keys(builders)),
      fc.array(value, { maxLength: 4 }),
      (name, given) => {
        const told = said(name, ...given);
        if (told !== undefined) assert.match(told, /^[\w.]+(\(.*\)|`…`)?: .+\. [A-Z].*[.)]$/s, `${name}: ${told}`);
      },
    );
    fc.assert(wrong, { numRuns: 20_000 });
  });
});
