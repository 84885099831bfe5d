import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, ResourceKind } from '@featuregraph/client';
import { driver, providers, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';
import { pathsOf, refusal } from './servers/refusal.ts';

const stats = (variant: string): DefinitionInput => ({
  source: { name: 'stats', variant, files: { paths: ['stats.csv'] } },
});
const sql = (name: string, text: string, variant = 'v1'): DefinitionInput => ({
  source: { name, variant, transformation: { sql: text } },
});
const entity = (name: string, ...keys: string[]): DefinitionInput => ({
  entity: { name, joinKeys: keys.map((key) => ({ name: key, type: 'INT64' })) },
});

describe('references and names', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ worker: false });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([...providers, driver, statsSource, statsView]);
  });
  after(() => server.stop());

  async function upstream(kind: ResourceKind, ref: string): Promise<string[]> {
    const { nodes } = await server.client.lineage(kind, ref, { direction: 'UPSTREAM', depth: 1 });
    return nodes
      .map((node) => node.ref)
      .filter((one) => one !== ref)
      .toSorted();
  }

  const actions = async (...definitions: DefinitionInput[]) =>
    (await server.client.apply(definitions)).steps.map(({ action }) => action);

  test('are pinned once: what is registered stays with the variant that was the latest then', async () => {
    assert.deepEqual(await actions(stats('v2')), ['CREATE']);
    assert.ok((await upstream('FEATURE_VIEW', 'driver_stats@v1')).includes('stats@v1'));
    assert.deepEqual(await actions(statsView), ['UNCHANGED']);
    const view = { ...statsView.featureView, variant: 'v2' } as NonNullable<DefinitionInput['featureView']>;
    assert.deepEqual(await actions({ featureView: view }), ['CREATE']);
    assert.ok((await upstream('FEATURE_VIEW', 'driver_stats@v2')).includes('stats@v2'));
  });

  test('mean the latest variant of the batch itself, wherever it stands there', async () => {
    await server.client.apply([sql('reading', 'select * from {{ stats }}'), stats('v3')]);
    assert.ok((await upstream('SOURCE', 'reading@v1')).includes('stats@v3'));
    const { data } = await server.graphql('{ source(ref: "reading") { sql } }');
    assert.deepEqual(data.source, { sql: 'select * from {{ stats@v3 }}' });
  });

  test('to several variants of one name each keep their own', async () => {
    const both = sql('both', 'select * from {{ stats@v1 }} union all select * from {{ stats }}');
    assert.deepEqual(await actions(both), ['CREATE']);
    assert.deepEqual(await upstream('SOURCE', 'both@v1'), ['stats@v1', 'stats@v3', 'warehouse@v1']);
    await server.client.apply([stats('v4')]);
    assert.deepEqual(await actions(both), ['UNCHANGED']);
  });

  test('mean the one before when the latest variant is deleted', async () => {
    const named = async () => (await server.client.operations.Resource({ kind: 'SOURCE', ref: 'stats' })).resource?.ref;
    assert.equal(await named(), 'stats@v4');
    await server.client.operations.DeleteResource({ kind: 'SOURCE', ref: 'stats@v4' });
    assert.equal(await named(), 'stats@v3');
    await server.client.apply([sql('later', 'select * from {{ stats }}')]);
    assert.ok((await upstream('SOURCE', 'later@v1')).includes('stats@v3'));
    const used = await refusal(server.client.operations.DeleteResource({ kind: 'SOURCE', ref: 'stats@v3' }));
    assert.equal(used.code, 'IN_USE');
    assert.equal(used.issues.length, 3);
  });

  test('that name nothing are reported with what was probably meant', async () => {
    const { issues } = await server.client.plan([
      sql('one', 'select * from {{ stts }}'),
      sql('two', 'select * from {{ stats@v9 }}'),
      sql('three', 'select * from {{ stats:trips }}'),
      { featureService: { name: 'four', features: [{ feature: 'driver_stats:trps' }, { feature: 'driver_stats' }] } },
      {
        featureView: {
          name: 'five',
          entity: 'drver',
          source: 'quite_another',
          features: [{ name: 'a', type: 'BOOL' }],
        },
      },
      {
        featureView: {
          name: 'six',
          entity: 'driver',
          source: 'stats',
          onlineStore: 'warehouse',
          features: [{ name: 'trips', type: 'INT64' }],
        },
      },
    ]);
    const fix = (path: string) => issues.find((issue) => issue.path === path)?.fix ?? '';
    assert.match(fix('definitions[0].transformation.sql'), /Did you mean "stats"/);
    assert.match(fix('definitions[1].transformation.sql'), /variants v1, v2, v3/);
    assert.match(fix('definitions[3].features[0].feature'), /Did you mean "driver_stats:trips"/);
    assert.match(fix('definitions[3].features[1].feature'), /view:feature/);
    assert.match(fix('definitions[4].entity'), /Did you mean "driver"/);
    assert.match(fix('definitions[4].source'), /Register the source "quite_another"/);
    assert.match(fix('definitions[5].onlineStore'), /latest@v1/);
    assert.ok(
      issues.every((issue) => issue.fix !== null && issue.fix !== ''),
      JSON.stringify(issues),
    );
  });

  test('that would collide in the graph are refused with a suggestion', async () => {
    const view = (name: string, graphqlName?: string): DefinitionInput => ({
      featureView: {
        name,
        entity: 'driver',
        source: 'stats',
        ...(graphqlName && { graphqlName }),
        features: [{ name: 'trips', type: 'INT64' }],
      },
    });
    const { issues } = await server.client.plan([
      entity('big_city', 'id'),
      entity('bigCity', 'id'),
      entity('job', 'id'),
      entity('twice', 'my_id', 'myId'),
      view('driver_id'),
      view('driverStats'),
      view('fine', 'driverStats'),
      {
        entity: {
          name: 'spaced',
          joinKeys: [{ name: 'id', type: 'INT64' }],
          graphql: { type: 'Spaced', keys: [{ joinKey: 'id', field: 'not a name' }] },
        },
      },
    ]);
    const paths = issues.map(({ path }) => path);
    for (const expected of [
      'definitions[1].graphql.type',
      'definitions[2].graphql.type',
      'definitions[3].joinKeys[1]',
      'definitions[4].graphqlName',
      'definitions[5].graphqlName',
      'definitions[6].graphqlName',
      'definitions[7].graphql.keys[0].field',
    ])
      assert.ok(paths.includes(expected), `${expected} is not among ${paths.join(', ')}`);
    assert.match(issues.find(({ path }) => path === 'definitions[4].graphqlName')?.fix ?? '', /graphqlName/);
  });

  test('that a graph can not have are refused', async () => {
    const names = ['1st', '_hidden', 'with space', 'a__b', 'ünï', '', 'x'.repeat(64), 'semi;colon'];
    const error = await refusal(server.client.apply(names.map((name) => entity(name, 'id'))));
    assert.equal(error.code, 'INVALID_INPUT');
    assert.deepEqual([...new Set(pathsOf(error))], names.map((_, at) => `definitions[${at}].name`).toSorted());
  });
});
