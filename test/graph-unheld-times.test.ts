import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { madeSource, warehouses } from './servers/warehouses.ts';

const postgres = await postgresForTests();

after(async () => {
  if ('stop' in postgres) await postgres.stop();
});

const view = (name: string, source: string, more: object): DefinitionInput => ({
  featureView: { name, entity: 'driver', source, features: [{ name: 'value', type: 'INT64' }], ...more },
});

for (const warehouse of warehouses(postgres)) {
  describe(`a time that no type holds fails the job that meets it: ${warehouse.name}`, { skip: warehouse.skip }, () => {
    let server: TestServer;

    before(async () => {
      server = await startTestServer({ variables: warehouse.variables });
      const columns = ['driver_id bigint', 'value bigint', 'at timestamp', 'bad timestamp', 'bad_day date'];
      await server.client.apply([
        warehouse.provider,
        { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
        madeSource('good', columns, ["1, 1, '2024-01-01', '2024-01-01', '2024-01-01'"]),
        madeSource('broken', columns, ["1, 1, '2024-01-01', 'infinity', '300000-01-01'"]),
      ]);
    });
    after(() => server.stop());

    /** The only job that a batch brings, which fails, and its error. */
    async function failureOf(...definitions: DefinitionInput[]) {
      const { jobs } = await server.client.apply(definitions);
      await settleJobs(server);
      const ended = await Promise.all(jobs.map(({ id }) => server.client.operations.JobRun({ id })));
      const failed = ended.filter(({ job }) => job?.state === 'FAILED');
      assert.equal(failed.length, 1, JSON.stringify(ended));
      return failed[0]?.job?.error;
    }

    const training = (name: string, source: string, more: object, feature: string): DefinitionInput[] => [
      {
        label: {
          name,
          source,
          value: { column: 'value', type: 'INT64' },
          entities: [{ entity: 'driver' }],
          ...more,
        },
      },
      { trainingSet: { name: `${name}_set`, label: name, features: [{ feature, alias: 'joined' }] } },
    ];

    test('to be served, to be joined or to be stored', async () => {
      await server.client.apply([view('fine', 'good', { eventTimestamp: 'at' })]);
      await server.client.apply([view('recorded', 'broken', { eventTimestamp: 'at', createdTimestamp: 'bad' })]);
      await server.client.apply([view('happened', 'broken', { eventTimestamp: 'bad' })]);
      await server.client.apply([view('daily', 'broken', { eventTimestamp: 'bad_day' })]);
      const valued = { eventTimestamp: 'at', features: [{ name: 'bad', type: 'TIMESTAMP' }] };
      await server.client.apply([view('valued', 'broken', valued)]);
      const online = { provider: { name: 'latest', config: { lmdb: {} } } };
      await server.client.apply([online]);
      const served = { onlineStore: 'latest', eventTimestamp: 'at', createdTimestamp: 'bad' };
      const cases: [string, DefinitionInput[]][] = [
        ['bad', [view('served_recorded', 'broken', served)]],
        ['bad', [view('served_happened', 'broken', { onlineStore: 'latest', eventTimestamp: 'bad' })]],
        ['bad_day', [view('served_daily', 'broken', { onlineStore: 'latest', eventTimestamp: 'bad_day' })]],
        ['bad', [view('served_valued', 'broken', { onlineStore: 'latest', ...valued })]],
        ['bad', training('by_recorded', 'good', { timestamp: 'at' }, 'recorded:value')],
        ['bad', training('by_happened', 'good', { timestamp: 'at' }, 'happened:value')],
        ['bad_day', training('by_daily', 'good', { timestamp: 'at' }, 'daily:value')],
        ['joined', training('by_valued', 'good', { timestamp: 'at' }, 'valued:bad')],
        ['bad', training('by_moment', 'broken', { timestamp: 'bad' }, 'fine:value')],
        [
          'bad',
          [{ source: { name: 'kept', transformation: { sql: 'select bad from {{ broken }} as b', as: 'TABLE' } } }],
        ],
      ];
      for (const [column, definitions] of cases) {
        const error = await failureOf(...definitions);
        assert.equal(error?.code, 'SCHEMA_MISMATCH', JSON.stringify([definitions, error]));
        assert.match(error?.message ?? '', new RegExp(`column ${column} holds .*(infinit|beyond|300000-01-01)`));
      }
    });
  });
}
