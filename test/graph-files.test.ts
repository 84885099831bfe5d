import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, FilesInput } from '@featuregraph/client';
import { driver, settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

describe('a source of files', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
      driver,
    ]);
  });
  after(() => server.stop());

  const write = (name: string, content: string | Uint8Array) => writeFile(join(server.dataRoot, name), content);
  const source = (name: string, files: Partial<FilesInput> = {}): DefinitionInput => ({
    source: { name, files: { paths: [`${name}*.csv`], ...files } },
  });
  const view = (name: string, type: string): DefinitionInput => ({
    featureView: {
      name: `${name}_view`,
      entity: 'driver',
      source: name,
      eventTimestamp: 'at',
      features: [{ name: 'amount', type }],
    },
  });

  async function served(name: string): Promise<readonly unknown[]> {
    const select = { features: [{ feature: `${name}_view:amount` }] };
    const { columns } = await server.client.onlineFeatures(select, [{ joinKey: 'driver_id', values: [1, 2] }]);
    return columns[0]?.values ?? [];
  }

  test('serves what its last row holds, to the last digit', async () => {
    const whole = Array.from({ length: 30_000 }, (_, row) => `1,${row},2024-01-01T00:00:00Z\n`).join('');
    await write('late.csv', `driver_id,amount,at\n${whole}2,19.99,2024-01-02T00:00:00Z\n`);
    await assert.rejects(server.client.apply([source('late'), view('late', 'INT64')]), {
      code: 'INVALID_INPUT',
      issues: [
        {
          path: 'definitions[1].features[0]',
          message: 'Column "amount" of late@v1 is FLOAT64, not INT64.',
          fix: 'Declare FLOAT64, or cast the column in a transformation.',
        },
      ],
    });
    await server.client.apply([source('late'), view('late', 'FLOAT64')]);
    assert.deepEqual(await settleJobs(server), []);
    assert.deepEqual((await served('late'))[1], 19.99);
  });

  test('is refused with file, line, column and value, and nothing is registered', async () => {
    await write('ragged.csv', 'driver_id,amount,at\n1,2\n');
    const { data } = await server.graphql(
      'query ($definitions: [DefinitionInput!]!) { plan(definitions: $definitions) { steps { columns { name } } issues { path message } } }',
      { definitions: [source('ragged')] },
    );
    assert.deepEqual(data.plan, {
      steps: [{ columns: null }],
      issues: [
        {
          path: 'definitions[0].files.paths',
          message: 'ragged.csv, line 2: 2 fields where the first line has 3',
        },
      ],
    });
    const declared = { columns: [{ name: 'amuont', type: 'INT64' }], csv: { encoding: 'utf-99' } };
    await assert.rejects(server.client.apply([source('ragged', declared)]), { code: 'INVALID_INPUT' });
    const { data: none } = await server.graphql('{ source(ref: "ragged") { ref } }');
    assert.equal(none.source, null);
  });

  test('keeps what was decided, however its files change', async () => {
    await write('kept.csv', 'driver_id,amount,at\n1,5,2024-01-01T00:00:00Z\n');
    await server.client.apply([source('kept'), view('kept', 'INT64')]);
    assert.deepEqual(await settleJobs(server), []);
    await write('kept-2.csv', 'driver_id,amount,at\n1,6.5,2024-01-02T00:00:00Z\n');
    const again = await server.client.apply([source('kept')]);
    assert.deepEqual(
      again.steps.map(({ action }) => action),
      ['UNCHANGED'],
    );
    const { materialize } = await server.client.operations.Materialize({ views: ['kept_view'] });
    await settleJobs(server);
    const { job } = await server.client.operations.Job({ id: materialize[0]?.id ?? '' });
    assert.equal(job?.state, 'FAILED');
    assert.equal(job?.error?.code, 'SCHEMA_MISMATCH');
    assert.equal(job?.error?.message, 'kept-2.csv, line 2, column "amount": "6.5" is not exactly INT64');
    assert.deepEqual(await served('kept'), [5, null]);
    const other = { columns: [{ name: 'amount', type: 'FLOAT64' }] };
    await assert.rejects(server.client.apply([source('kept', other)]), { code: 'RESOURCE_CHANGED' });
  });

  test('is found though its path is misspelt', async () => {
    await write('payments.csv', 'driver_id,amount,at\n1,5,2024-01-01T00:00:00Z\n');
    const misspelt = { source: { name: 'payments', files: { paths: ['paymnets.csv'] } } };
    await assert.rejects(server.client.apply([misspelt]), {
      issues: [
        {
          path: 'definitions[0].files.paths[0]',
          message: 'no file matches paymnets.csv',
          fix: 'Did you mean payments.csv?',
        },
      ],
    });
  });
});
