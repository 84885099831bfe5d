import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type DefinitionInput } from '@featuregraph/client';
import { settleJobs } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { adminKey, ask, guarded } from './servers/guarded.ts';
import { madeSource } from './servers/warehouses.ts';

const patients = { entity: 'patient', source: 'visits', eventTimestamp: 'seen_at' };

/** Who came, and why: a number of the visits of one kind, and a number of the card, that not everyone may know. */
const definitions: DefinitionInput[] = [
  { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
  { provider: { name: 'latest', config: { lmdb: { path: 'latest' } } } },
  { entity: { name: 'patient', joinKeys: [{ name: 'patient_id', type: 'INT64' }] } },
  madeSource(
    'visits',
    ['patient_id bigint', 'seen_at timestamp', 'diagnosis varchar', 'card varchar'],
    ["1, '2024-03-01 08:00:00', 'flu', 'c-1'"],
  ),
  {
    featureView: {
      ...patients,
      name: 'history',
      eventColumns: [{ column: 'diagnosis', type: 'STRING' }],
      features: [
        {
          name: 'flus',
          type: 'INT64',
          tags: ['pii'],
          aggregation: { function: 'COUNT', window: 'FOREVER', filter: 'diagnosis == "flu"' },
        },
      ],
    },
  },
  { featureView: { ...patients, name: 'cards', features: [{ name: 'card', type: 'STRING', tags: ['pii'] }] } },
];

describe('what is made of sensitive features', () => {
  let server: TestServer;
  let reader: string;
  let trusted: string;

  before(async () => {
    server = await startTestServer({ variables: { ...guarded, FEATUREGRAPH_SENSITIVE_TAGS: 'pii' } });
    const client = connect({ url: server.url, apiKey: adminKey });
    await client.apply(definitions);
    assert.deepEqual(await settleJobs({ client }), []);
    await client.close();
    const keyOf = async (name: string, roles: string) => {
      const made = await ask(
        server,
        adminKey,
        `mutation { createApiKey(name: "${name}", roles: [${roles}]) { secret } }`,
      );
      return (made.data.createApiKey as { secret: string }).secret;
    };
    reader = await keyOf('reader', '{ role: READER }, { role: EDITOR, on: { ref: "mine*" }, sensitive: true }');
    trusted = await keyOf('trusted', '{ role: EDITOR, sensitive: true }');
  });
  after(() => server?.stop());

  test('is registered by nobody who may not read them', async () => {
    const register = `mutation { registerOnDemandFeatureView(definition: {
      name: "mine", inputs: [{ feature: "cards:card" }], features: [{ name: "copy", expression: "card + card" }] }) { ref } }`;
    const { errors } = await ask(server, reader, register);
    assert.equal(errors?.[0]?.extensions.code, 'FORBIDDEN', JSON.stringify(errors));
    assert.equal((await ask(server, trusted, register)).errors, undefined);
  });

  test('is masked in the source, also where only a filter asks for it', async () => {
    const preview = '{ source(ref: "visits") { preview { columns { name masked } rows } } }';
    const { data } = await ask(server, reader, preview);
    const { columns, rows } = (
      data.source as { preview: { columns: { name: string; masked: boolean }[]; rows: unknown[][] } }
    ).preview;
    assert.deepEqual(
      columns.filter(({ masked }) => masked).map(({ name }) => name),
      ['diagnosis', 'card'],
    );
    assert.deepEqual(rows[0]?.slice(2), [null, null]);
  });
});
