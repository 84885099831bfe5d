import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { driversWorld, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { type Answer, startTestServer, type TestServer } from './servers/featuregraph.ts';
import { openAcknowledged } from './servers/raw-socket.ts';

type Variables = Record<string, unknown>;

/** Texts that Postgres does not hold, in its text or in its JSON. */
const unstorable = ['\0', 'a\0b', '\ud800', '\udfffx'];

/** What nobody's ids decode to. */
const strangeIds = [
  '',
  ' ',
  '\0',
  '%',
  '=',
  'ÿþ',
  ...[
    ':',
    'Job:',
    'Job',
    ':x',
    'Job:\0',
    'Job:\ud800',
    'Driver:1',
    '__proto__:x',
    'constructor:x',
    'toString:valueOf',
  ].map(encoded),
  ...[
    'Source:__proto__',
    'Source:constructor',
    'Source:stats@__proto__',
    'Feature:a:b:c',
    'TrainingRun:x',
    'Job:1 or 1=1',
  ].map(encoded),
  encoded(`Job:${'9'.repeat(10_000)}`),
  Buffer.from([0xff, 0xfe, 0x3a, 0x80]).toString('base64url'),
];

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

describe('what nobody would send', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ worker: false });
    await writeDriversFiles(server.dataRoot);
    await server.client.apply(driversWorld);
  });
  after(() => server.stop());

  const codesOf = ({ errors = [] }: Partial<Answer>) => errors.map(({ extensions }) => extensions.code);

  /** By HTTP and by WebSocket alike. */
  async function codes(query: string, variables: Variables = {}): Promise<string[]> {
    const answer = await server.graphql(query, variables);
    const { value } = await server.subscribe(query, variables).next();
    assert.deepEqual(codesOf(value ?? {}), codesOf(answer), query);
    assert.ok(!codesOf(answer).includes('INTERNAL'), `${query} ${JSON.stringify(variables).slice(0, 200)}`);
    return codesOf(answer);
  }

  test('texts that Postgres does not hold, wherever a text is asked for', async () => {
    for (const text of unstorable) {
      assert.deepEqual(await codes('query ($t: String) { resources(search: $t) { totalCount } }', { t: text }), []);
      assert.deepEqual(
        await codes('query ($t: String) { jobs(filter: { startedBy: $t }) { edges { cursor } } }', { t: text }),
        [],
      );
      assert.deepEqual(
        await codes('query ($t: String!) { resources(filter: { owner: $t, tags: [$t] }) { totalCount } }', { t: text }),
        [],
      );
      assert.deepEqual(await codes('query ($t: ID!) { job(id: $t) { id } }', { t: text }), []);
      assert.deepEqual(await codes('query ($t: String!) { source(ref: $t) { id } }', { t: text }), []);
      const filtered =
        'query ($t: JSONValue!) { nearest(feature: "driver_profile:profile", to: { vector: [1, 1] }, filter: { equal: { feature: "doubled", value: $t } }) { score } }';
      assert.deepEqual(await codes(filtered, { t: text }), ['INVALID_INPUT']);
      const described =
        'mutation ($t: String) { updateResource(kind: SOURCE, ref: "stats", patch: { description: $t }) { id } }';
      assert.deepEqual(await codes(described, { t: text }), ['INVALID_INPUT']);
      const cancelled = 'mutation ($t: ID!) { cancelJob(id: $t) { id } }';
      assert.deepEqual(await codes(cancelled, { t: text }), ['NOT_FOUND']);
    }
  });

  test('ids that decode to strange things', async () => {
    for (const id of strangeIds) {
      for (const query of [
        'query ($id: ID!) { node(id: $id) { id } }',
        'query ($id: ID!) { nodes(ids: [$id]) { id } }',
      ])
        for (const code of await codes(query, { id })) assert.equal(code, 'INVALID_INPUT', id);
      assert.deepEqual(await codes('query ($id: ID!) { job(id: $id) { id } }', { id }), []);
      assert.deepEqual(await codes('mutation ($id: ID!) { retryJob(id: $id) { id } }', { id }), ['NOT_FOUND']);
      assert.deepEqual(
        await codes('query ($id: ID!) { jobs(filter: { ids: [$id] }) { edges { cursor } } }', { id }),
        [],
      );
      assert.deepEqual(
        await codes('query ($id: ID!) { jobs(filter: { resource: $id }) { edges { cursor } } }', { id }),
        ['NOT_FOUND'],
      );
    }
  });

  test('more wrong variables than GraphQL.js tells', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `v${at}`);
    const declared = names.map((name) => `$${name}: Boolean`).join(', ');
    const fields = names.map((name) => `${name}: fields(includeDeprecated: $${name}) { name }`).join(' ');
    const query = `query (${declared}) { __type(name: "Query") { ${fields} } }`;
    const found = await codes(query, Object.fromEntries(names.map((name) => [name, 'wrong'])));
    assert.ok(found.length >= 50);
    assert.deepEqual([...new Set(found)], ['BAD_USER_INPUT']);
  });

  test('an operation that the subgraph has none of', async () => {
    for (const query of ['mutation { a }', 'subscription { a }', 'mutation { __typename }']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${server.url}/subgraph`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      });
      assert.equal(answer.status, 400);
      assert.deepEqual(codesOf((await answer.json()) as Answer), ['GRAPHQL_VALIDATION_FAILED']);
    }
  });

  test('a parameter that is given twice', async () => {
    const headers = { 'apollo-require-preflight': '1' };
    for (const path of ['/graphql?query={__typename}&query={__typename}', '/subgraph?query={__typename}&query=x']) {
      const answer = await fetch(`${server.url}${path}`, { headers });
      assert.equal(answer.status, 400);
      assert.deepEqual(codesOf((await answer.json()) as Answer), ['BAD_REQUEST']);
    }
    const run = '/runs/00000000-0000-4000-8000-000000000000';
    for (const query of [
      'format=CSV&format=CSV',
      'split=TRAIN&split=TEST',
      'format=__proto__',
      'split=constructor',
      'format=',
    ]) {
      const answer = await fetch(`${server.url}${run}?${query}`);
      assert.ok([400, 404].includes(answer.status), query);
    }
    for (const id of ['%00', '__proto__', 'x'.repeat(200), '%ff', '..%2f..%2fetc%2fpasswd']) {
      const answer = await fetch(`${server.url}/runs/${id}`);
      assert.ok([400, 404, 414].includes(answer.status), `${id} ${answer.status}`);
    }
  });

  test('hosts that are none', async () => {
    for (const host of ['a:b', ':::', '1.2.3.4.5:x', '[', '%', 'a%zz', '\\']) {
      for (const config of [{ postgres: { host } }, { redis: { host } }]) {
        const query =
          'query ($definition: ProviderInput!) { testProvider(definition: $definition) { healthy message } }';
        const mutation = query.replace('query', 'mutation');
        const answer = await server.graphql(mutation, { definition: { name: 'odd', config } });
        assert.ok(!codesOf(answer).includes('INTERNAL'), `${host} ${JSON.stringify(answer)}`);
        assert.notDeepEqual(answer.data, { testProvider: { healthy: true, message: null } });
      }
    }
  });

  test('values that lie too deep in one another', async () => {
    // No `JSON.stringify` writes it.
    const filter = `${'{"not":'.repeat(10_000)}{"equal":{"feature":"doubled","value":1}}${'}'.repeat(10_000)}`;
    const query =
      'query ($filter: VectorFilter) { nearest(feature: \\"driver_profile:profile\\", to: { vector: [1, 1] }, filter: $filter) { score } }';
    const payload = `{"query":"${query}","variables":{"filter":${filter}}}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: payload });
    assert.deepEqual(codesOf((await answer.json()) as Answer), ['LIMIT_EXCEEDED']);
    const raw = await openAcknowledged(server.url);
    raw.send(`{"id":"deep","type":"subscribe","payload":${payload}}`);
    const error = await raw.heard(({ id }) => id === 'deep');
    assert.match(JSON.stringify(error), /LIMIT_EXCEEDED/);
    raw.socket.close();
    const text = `{ nearest(feature: "driver_profile:profile", to: { vector: [1, 1] }, filter: ${'{ not: '.repeat(3_000)}{ in: { feature: "doubled", values: [] } }${' }'.repeat(3_000)}) { score } }`;
    assert.deepEqual(await codes(text), ['LIMIT_EXCEEDED']);
    const types = `query ($v: ${'['.repeat(3_000)}Int${']'.repeat(3_000)}) { __typename }`;
    assert.deepEqual(await codes(types), ['LIMIT_EXCEEDED']);
  });

  test('SQL that lies too deep in itself', async () => {
    const plan = 'query ($of: [DefinitionInput!]!) { plan(definitions: $of) { issues { path message } } }';
    for (const sql of [
      `select 1${' + 1'.repeat(3_000)} as x`,
      `select ${'('.repeat(3_000)}1${')'.repeat(3_000)} as x`,
      `select ${'-'.repeat(1)}${'- '.repeat(3_000)}1 as x`,
    ]) {
      const of = [{ source: { name: 'deep', provider: 'warehouse', transformation: { sql } } }];
      const answer = await server.graphql(plan, { of });
      const found = codesOf(answer);
      assert.ok(!found.includes('INTERNAL'), JSON.stringify(answer).slice(0, 300));
    }
  });

  test('more ids than a statement has parameters', async () => {
    const { limits } = server.process.application.configuration;
    const before = { ...limits };
    Object.assign(limits, { ids: 100_000, listItems: 100_000, bodyBytes: 16_000_000 });
    try {
      const ids = Array.from({ length: 65_540 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
      assert.deepEqual(
        codesOf(
          await server.graphql('query ($ids: [ID!]) { jobs(filter: { ids: $ids }) { edges { cursor } } }', { ids }),
        ),
        [],
      );
    } finally {
      Object.assign(limits, before);
    }
  });

  test('names that every object has', async () => {
    const apply = 'mutation ($of: [DefinitionInput!]!) { apply(definitions: $of) { steps { ref } } }';
    const entity = (key: string) => [
      { entity: { name: 'named', joinKeys: [{ name: 'id', type: 'INT64' }], properties: [{ key, value: 'x' }] } },
    ];
    assert.deepEqual(codesOf(await server.graphql(apply, { of: entity('__proto__') })), ['INVALID_INPUT']);
    assert.deepEqual(codesOf(await server.graphql(apply, { of: entity('constructor') })), []);
    const { data } = await server.graphql('{ entity(ref: "named") { properties { key value } } }');
    assert.deepEqual(data.entity, { properties: [{ key: 'constructor', value: 'x' }] });
    const view = {
      name: 'odd',
      entity: 'strange',
      source: 'oddities',
      eventTimestamp: 'at',
      features: [{ name: 'constructor', type: 'INT64' }],
    };
    const transformation = {
      sql: 'select 1::bigint as "toString", 2::bigint as constructor, timestamp \'2024-01-01\' as at',
      as: 'VIEW',
    };
    const odd = [
      { entity: { name: 'strange', joinKeys: [{ name: 'toString', type: 'INT64' }], graphql: { type: 'Strange' } } },
      { source: { name: 'oddities', provider: 'warehouse', transformation } },
      { featureView: view },
    ];
    assert.deepEqual((await server.graphql(apply, { of: odd })).errors, undefined);
    const push = 'mutation ($rows: [JSONObject!]!) { pushFeatures(view: "odd", rows: $rows) { written } }';
    const missing = await server.graphql(push, { rows: [{ at: '2024-01-01T00:00:00Z' }] });
    const paths = missing.errors?.[0]?.extensions.issues?.map(({ path }) => path);
    assert.deepEqual(paths?.toSorted(), ['rows[0].constructor', 'rows[0].toString']);
    const { errors } = await server.graphql(
      'mutation { pushFeatures(view: "odd", rows: [{ __proto__: 1, toString: 1, constructor: 2, at: "2024-01-01T00:00:00Z" }]) { written } }',
    );
    assert.match(errors?.[0]?.extensions.issues?.[0]?.path ?? '', /__proto__/);
    await eventually(async () => {
      const entities = await server.graphql(
        '{ _entities(representations: [{ __typename: "Strange" }, { __typename: "constructor" }]) { __typename } }',
      );
      assert.deepEqual(codesOf(entities).toSorted(), ['INVALID_INPUT', 'NOT_FOUND']);
    }, 5_000);
  });

  test('a document that is too deep fails alone, and nothing else on its socket', async () => {
    const raw = await openAcknowledged(server.url);
    raw.send({ id: 'changes', type: 'subscribe', payload: { query: 'subscription { resourceChanges { ref } }' } });
    const deep = [
      `${'{a'.repeat(5_000)}${'}'.repeat(5_000)}`,
      `{ __typename @skip(if: ${'['.repeat(9_000)}`,
      `query ($v: ${'['.repeat(9_000)}Int`,
      `${'{ ... '.repeat(3_000)}{ __typename }${' }'.repeat(3_000)}`,
      '{ nonsense',
    ];
    for (const [at, query] of deep.entries()) {
      raw.send({ id: String(at), type: 'subscribe', payload: { query } });
      const { payload } = await raw.heard(({ id, type }) => id === String(at) && type === 'error');
      assert.match(JSON.stringify(payload), /LIMIT_EXCEEDED|GRAPHQL_PARSE_FAILED/);
    }
    await server.client.apply([{ entity: { name: 'still_heard', joinKeys: [{ name: 'id', type: 'INT64' }] } }]);
    await raw.heard(({ id, type }) => id === 'changes' && type === 'next');
    raw.socket.close();
  });

  test('answers do not say again all that was sent', async () => {
    const long = 'x'.repeat(900_000);
    const answer = await server.graphql('mutation ($id: ID!) { cancelJob(id: $id) { id } }', { id: long });
    assert.deepEqual(codesOf(answer), ['NOT_FOUND']);
    assert.ok(JSON.stringify(answer).length < 5_000);
  });
});
