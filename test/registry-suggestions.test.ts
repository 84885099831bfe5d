import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { formatDuration, parseDuration, readDuration } from '../src/registry/duration.ts';
import { readValueType } from '../src/registry/value-type-spelling.ts';
import { driver, providers, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { refusal } from './servers/refusal.ts';

describe('what was probably meant', () => {
  const fixOf = (read: object) => ('fix' in read ? read.fix : 'it is one');

  test('by a type that there is not', () => {
    const meant = {
      'Did you mean INT64?': ['int', 'Integer', 'BIGINT'],
      'Did you mean STRING[]?': ['text[]', 'array<str>'],
    };
    const more = {
      'Did you mean FLOAT64?': ['double', 'flaot64', 'decimal(18,3)'],
      'Did you mean TIMESTAMP?': ['datetime', 'timestamp with time zone'],
      'Did you mean VECTOR(3, COSINE)?': ['vector(3, cosin)', 'embedding(3)'],
      'Give 1 to 4096 dimensions, and one of COSINE, DOT, L2 as metric.': ['VECTOR', 'VECTOR(5000)', 'VECTOR(0)'],
      'Write one of these.': ['', 'struct', '[]'],
      'it is one': ['int64', ' Bool ', 'STRING []', 'VECTOR(3)'],
    };
    for (const [fix, texts] of Object.entries({ ...meant, ...more }))
      for (const text of texts) assert.equal(fixOf(readValueType(text)), fix, text);
  });

  test('by a duration that is none', () => {
    const meant = {
      'Write 1d.': ['1 day', 'P1D', '-1d', '1 D', '86400'],
      'Write 2h30m.': ['2 hours and 30 minutes', 'PT2H30M', '2.5h'],
      'Write 7d.': ['1 week'],
      'Write 36525d at most.': ['36526d', '999999999999d'],
      'Write it like 90s, 6h or 1d12h.': ['', 'tomorrow', '1 month', '1 0d', '1,5h', 'd', '--'],
      'it is one': ['1d 12h', ' 90s', '0s'],
    };
    for (const [fix, texts] of Object.entries(meant))
      for (const text of texts) assert.equal(fixOf(readDuration(text)), fix, text);
    assert.equal(formatDuration(parseDuration('1d 12h') ?? 0n), '1d12h');
  });
});

describe('an issue', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ worker: false });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([...providers, driver, statsSource, statsView]);
  });
  after(() => server.stop());

  const service = (...features: string[]): DefinitionInput => ({
    featureService: { name: 'asked', features: features.map((feature) => ({ feature })) },
  });
  const said = (issues: readonly { path: string; message: string; fix?: string | null }[]) =>
    issues.map(({ path, message, fix }) => `${path}: ${message} ${fix}`);

  test('of a reference is said once, by whoever meets it, with the same fix', async () => {
    const { operations } = server.client;
    const cases = {
      'tv:w': 'There is no feature "tv:w". Register the feature view "tv"',
      'drivr_stats:trips': 'There is no feature "drivr_stats:trips". Did you mean "driver_stats:trips"?',
      'driver_stats:trps': 'There is no feature "driver_stats:trps". Did you mean "driver_stats:trips"?',
      'driver_stats@v7:trips': 'There is no feature "driver_stats@v7:trips". "driver_stats" has the variants v1.',
      driver_stats: '"driver_stats" is no reference to a feature. Write view:feature or view@variant:feature.',
    };
    for (const [feature, words] of Object.entries(cases)) {
      const select = { features: [{ feature }] };
      const spine = {
        rows: { columns: [{ name: 'driver_id', type: 'INT64' }], rows: [], entities: [{ entity: 'driver' }] },
      };
      const label: DefinitionInput = {
        label: {
          name: 'rated',
          source: 'stats',
          value: { column: 'rating', type: 'FLOAT64' },
          entities: [{ entity: 'driver' }],
        },
      };
      const all = [
        (await server.client.plan([service(feature)])).issues,
        (await server.client.plan([label, { trainingSet: { name: 'set', label: 'rated', features: [{ feature }] } }]))
          .issues,
        (await refusal(server.client.apply([service(feature)]))).issues,
        (await refusal(server.client.onlineFeatures(select, []))).issues,
        (await refusal(operations.RetrieveHistoricalFeatures({ select, spine, knownAsOf: false }))).issues,
        (await refusal(server.client.nearest(feature, { vector: [1] }))).issues,
      ];
      for (const issues of all) {
        assert.equal(issues.length, 1, JSON.stringify(issues));
        const [text] = said(issues);
        assert.ok(text?.includes(words), `${text} has not ${words}`);
      }
    }
  });

  test('of a type or a duration says what to write', async () => {
    const view: DefinitionInput = {
      featureView: {
        name: 'misspelt',
        entity: 'driver',
        source: 'stats',
        eventTimestamp: 'happened_at',
        ttl: '1 day',
        features: [{ name: 'trips', type: 'int' }],
      },
    };
    const fixes = (await server.client.plan([view])).issues.map(({ path, fix }) => [path, fix]);
    assert.deepEqual(fixes.toSorted(), [
      ['definitions[0].features[0].type', 'Did you mean INT64?'],
      ['definitions[0].ttl', 'Write 1d.'],
    ]);
  });

  test('of what is not registered says what is', async () => {
    const error = await refusal(server.client.operations.Materialize({ views: ['driver_stat'] }));
    assert.equal(error.code, 'NOT_FOUND');
    assert.equal(error.issues[0]?.fix, 'Did you mean "driver_stats"?');
  });

  test('of a lag in a service is not forgotten in silence', async () => {
    const lagged = { featureService: { name: 'lagged', features: [{ feature: 'driver_stats:trips', lag: '1d' }] } };
    const { issues } = await server.client.plan([lagged]);
    assert.deepEqual(
      issues.map(({ path }) => path),
      ['definitions[0].features[0].lag'],
    );
  });
});
