import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput, FeatureInput } from '@featuregraph/client';
import { isShortFor, wordsOf } from '../src/search/words.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

describe('the words of a name', () => {
  for (const [name, words] of [
    ['conv_rate', ['conv', 'rate']],
    ['avgTripCount_7d', ['avg', 'trip', 'count', '7d']],
    ['HTTPErrors', ['http', 'errors']],
    ['trips7d', ['trips', '7d']],
    ['Überfahrten-je Tag', ['überfahrten', 'je', 'tag']],
    ['__', []],
  ] as const)
    test(`${name}: ${words.join(' ')}`, () => assert.deepEqual(wordsOf(name), words));

  for (const [short, long, isShort] of [
    ['conv', 'conversion', true],
    ['avg', 'average', true],
    ['cnt', 'count', true],
    ['qty', 'quantity', true],
    ['dept', 'department', true],
    ['txn', 'transaction', true],
    ['rate', 'conversion', false],
    ['cat', 'count', false],
    ['on', 'online', false],
    ['average', 'avg', false],
  ] as const)
    test(`${short} is ${isShort ? '' : 'not '}short for ${long}`, () => assert.equal(isShortFor(short, long), isShort));
});

type Edge = { node: { ref: string }; matches: { field: string; word: string; asked: string }[] };

describe('a search', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer({ worker: false });
    await mkdir(server.dataRoot, { recursive: true });
    await writeFile(join(server.dataRoot, 'orders.csv'), 'customer_id,conv_rate,amt,ctr,shipping_fee\n1,0.5,3,0.1,4\n');
    const feature = (name: string, description = '', column = name) => ({
      name,
      description,
      column,
      type: column === 'amt' || column === 'shipping_fee' ? 'INT64' : 'FLOAT64',
    });
    const view = (name: string, features: FeatureInput[], more: object = {}): DefinitionInput => ({
      featureView: { name, entity: 'customer', source: 'orders', features, ...more },
    });
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: {} } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
      { entity: { name: 'customer', joinKeys: [{ name: 'customer_id', type: 'INT64' }] } },
      { source: { name: 'orders', files: { paths: ['orders.csv'] } } },
      view(
        'purchases',
        [feature('conv_rate'), feature('amount_spent', '', 'amt'), feature('click_through_rate', '', 'ctr')],
        {
          description: 'What customers buy',
          tags: ['revenue'],
          owner: 'growth@example.com',
        },
      ),
      view('latefees', [feature('conv_cost', 'What one costs', 'ctr')]),
      { featureService: { name: 'checkout', features: ['purchases:conv_rate'].map((feature) => ({ feature })) } },
    ]);
  });
  after(() => server.stop());

  async function found(text: string, kinds?: string): Promise<Edge[]> {
    const filter = kinds === undefined ? '' : `, filter: { kinds: [${kinds}] }`;
    const { data, errors } = await server.graphql(
      `query ($text: String!) { resources(search: $text${filter}) { edges { node { ref } matches { field word asked } } } }`,
      { text },
    );
    assert.equal(errors, undefined, JSON.stringify(errors));
    return (data.resources as { edges: Edge[] }).edges;
  }
  const refs = (edges: Edge[]) => edges.map(({ node }) => node.ref);

  test('finds short forms by what they stand for, and what is used first', async () => {
    const edges = await found('conversion', 'FEATURE');
    assert.deepEqual(refs(edges).toSorted(), ['latefees@v1:conv_cost', 'purchases@v1:conv_rate']);
    const rate = edges.find(({ node }) => node.ref === 'purchases@v1:conv_rate');
    assert.deepEqual(rate?.matches, [{ field: 'NAME', word: 'conv', asked: 'conversion' }]);
    const used = await found('conv', 'FEATURE');
    assert.deepEqual(refs(used), ['purchases@v1:conv_rate', 'latefees@v1:conv_cost']);
  });

  for (const { text, kind, ref, field } of [
    { text: 'amount', kind: 'FEATURE', ref: 'purchases@v1:amount_spent', field: 'NAME' },
    { text: 'CTR', kind: 'FEATURE', ref: 'purchases@v1:click_through_rate', field: 'INITIALS' },
    { text: 'fee', kind: 'FEATURE_VIEW', ref: 'latefees@v1', field: 'NAME' },
    { text: 'shiping', kind: 'SOURCE', ref: 'orders@v1', field: 'COLUMN' },
    { text: 'customer id', kind: 'ENTITY', ref: 'customer@v1', field: 'COLUMN' },
    { text: 'revenue', kind: 'FEATURE_VIEW', ref: 'purchases@v1', field: 'TAG' },
    { text: 'growth', kind: 'FEATURE_VIEW', ref: 'purchases@v1', field: 'OWNER' },
    { text: 'custmers buy', kind: 'FEATURE_VIEW', ref: 'purchases@v1', field: 'DESCRIPTION' },
    { text: 'purchases rate', kind: 'FEATURE', ref: 'purchases@v1:conv_rate', field: 'VIEW' },
  ] as const)
    test(`for “${text}” finds ${ref}, and says where it was found: ${field}`, async () => {
      const edges = await found(text, kind);
      const one = edges.find(({ node }) => node.ref === ref);
      assert.ok(one, `found were ${refs(edges)}`);
      assert.ok(
        one.matches.some((match) => match.field === field),
        JSON.stringify(one.matches),
      );
    });

  test('finds nothing for what nothing is called, nor for what only a part of it fits', async () => {
    assert.deepEqual(await found('zzzzzz'), []);
    assert.deepEqual(await found('conversion zzzzzz'), []);
    for (const text of ['—', '__proto__', 'valueOf', 'hasOwnProperty']) assert.deepEqual(await found(text), []);
  });

  test('takes no word for what every object of JavaScript has', async () => {
    const edges = await found('constructor', 'FEATURE');
    assert.ok(
      edges.every(({ matches }) => matches.every(({ word }) => ['ctr', 'cost'].includes(word))),
      JSON.stringify(edges),
    );
  });

  test('follows what is changed and deleted', async () => {
    await server.graphql(
      'mutation { updateResource(kind: FEATURE_VIEW, ref: "latefees", patch: { description: "Penalties" }) { ref } }',
    );
    assert.deepEqual(refs(await found('penalties')), ['latefees@v1']);
    await server.graphql('mutation { deleteResource(kind: FEATURE_VIEW, ref: "latefees") }');
    assert.deepEqual(await found('penalties'), []);
    assert.deepEqual(await found('latefees'), []);
  });
});
