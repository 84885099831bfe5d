import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { driversWorld, startDriversServer, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

type Refusal = { code: string; issue: string | undefined; message: string };
type Body = { errors?: { message: string; extensions: { code: string; issues?: { message: string }[] } }[] };

/** Small enough that each is reached by little. */
const small = {
  FEATUREGRAPH_LIMIT_BODY_BYTES: '20000',
  FEATUREGRAPH_LIMIT_BULK_BODY_BYTES: '60000',
  FEATUREGRAPH_LIMIT_DOCUMENT_BYTES: '4000',
  FEATUREGRAPH_LIMIT_DOCUMENT_TOKENS: '600',
  FEATUREGRAPH_LIMIT_DEPTH: '8',
  FEATUREGRAPH_LIMIT_ALIASES: '5',
  FEATUREGRAPH_LIMIT_ROOT_FIELDS: '4',
  FEATUREGRAPH_LIMIT_DIRECTIVES: '4',
  FEATUREGRAPH_LIMIT_FRAGMENTS: '3',
  FEATUREGRAPH_LIMIT_REPEATED_FIELDS: '6',
  FEATUREGRAPH_LIMIT_COST: '2000',
  FEATUREGRAPH_LIMIT_LIST_ITEMS: '50',
  FEATUREGRAPH_LIMIT_NESTING: '6',
};

const nested = (levels: number): string =>
  levels === 0 ? '__typename' : `__type(name: "Query") { ${'ofType { '.repeat(levels)}name${' }'.repeat(levels)} }`;
const filter = (levels: number): object =>
  levels === 0 ? { in: { feature: 'x', values: [] } } : { not: filter(levels - 1) };

/** What is allowed at either address, and what is just not. */
const cases: { what: string; most: string; allowed: string; refused: string; variables?: object }[] = [
  {
    what: 'bytes of GraphQL',
    most: '4,000',
    allowed: `{ __typename } #${'x'.repeat(3_900)}`,
    refused: `{ __typename } #${'x'.repeat(4_000)}`,
  },
  {
    what: 'tokens of GraphQL',
    most: '600',
    allowed: `{ __schema { queryType { ${'name '.repeat(6)} } } }`,
    refused: `{ __typename ${'@skip(if: false) '.repeat(120)} }`,
  },
  { what: 'levels of fields', most: '8', allowed: `{ ${nested(5)} }`, refused: `{ ${nested(8)} }` },
  {
    what: 'aliases',
    most: '5',
    allowed: '{ a: __typename b: __typename }',
    refused: `{ __schema { ${'abcdef'
      .split('')
      .map((name) => `${name}: __typename`)
      .join(' ')} } }`,
  },
  {
    what: 'root fields',
    most: '4',
    allowed: '{ a: __typename b: __typename c: __typename __typename }',
    refused:
      '{ ...F ... { a: __typename b: __typename c: __typename __typename } } fragment F on Query { d: __typename }',
  },
  {
    what: 'directives',
    most: '4',
    allowed: '{ __typename @skip(if: false) }',
    refused:
      '{ __schema { queryType { a: name @skip(if: false) b: name @skip(if: false) c: name @skip(if: false) d: name @include(if: true) name @skip(if: false) } } }',
  },
  {
    what: 'fragments',
    most: '3',
    allowed: '{ ...A } fragment A on Query { __typename }',
    refused: `{ ${'ABCD'
      .split('')
      .map((name) => `...${name}`)
      .join(' ')} } ${'ABCD'
      .split('')
      .map((name) => `fragment ${name} on Query { __typename }`)
      .join(' ')}`,
  },
  {
    what: 'fields that repeat another of their selection',
    most: '6',
    allowed: '{ __schema { queryType { name name } } }',
    refused: `{ __schema { queryType { ${'name '.repeat(8)} } } }`,
  },
  {
    what: 'levels of lists and objects',
    most: '6',
    allowed: '{ __typename }',
    refused: '{ __typename @skip(if: [[[[[[[[true]]]]]]]]) }',
  },
];

describe('limits of a request', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ variables: small });
    await writeDriversFiles(server.dataRoot);
    // The world is larger than one request of these limits may be.
    const { registry } = server.process.application;
    const { definitionFrom } = await import('../resolvers/registration.ts');
    await registry.apply(
      driversWorld.map((definition) => definitionFrom(definition)),
      'tester',
    );
  });
  after(() => server.stop());

  async function byHttp(path: string, query: string, variables: object = {}): Promise<Refusal | undefined> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return refusalIn((await answer.json()) as Body);
  }

  async function bySocket(query: string, variables: Record<string, unknown> = {}): Promise<Refusal | undefined> {
    const { value } = await server.subscribe(query, variables).next();
    return refusalIn((value ?? {}) as Body);
  }

  for (const { what, most, allowed, refused } of cases) {
    test(`${what}: at both addresses and by WebSocket`, async () => {
      const ways = [
        (query: string) => byHttp('/graphql', query),
        (query: string) => byHttp('/subgraph', query),
        (query: string) => bySocket(query),
      ];
      for (const way of ways) {
        assert.equal(await way(allowed), undefined);
        const refusal = await way(refused);
        assert.equal(refusal?.code, 'LIMIT_EXCEEDED', JSON.stringify(refusal));
        assert.ok(refusal?.message.includes(`${most} ${what}`), refusal?.message);
      }
    });
  }

  test('a refused document is refused again, and under every operation name', async () => {
    const query = `query A { __schema { queryType { ${'name '.repeat(8)} } } } query B { __typename }`;
    for (const operationName of ['A', 'B', 'A']) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query, operationName });
      const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
      assert.equal(answer.status, 400);
      assert.equal(refusalIn((await answer.json()) as Body)?.code, 'LIMIT_EXCEEDED');
    }
  });

  test('lists in variables, and how deep they lie in one another', async () => {
    const byIds = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const searched =
      'query ($filter: VectorFilter) { nearest(feature: "driver_profile:profile", to: { vector: [1, 1] }, filter: $filter) { score } }';
    const ids = (count: number) =>
      Array.from({ length: count }, (_, at) => Buffer.from(`Job:${at}`).toString('base64url'));
    for (const way of [(query: string, variables: object) => byHttp('/graphql', query, variables), bySocket as never]) {
      const ask = way as (query: string, variables: object) => Promise<Refusal | undefined>;
      assert.equal(await ask(byIds, { ids: ids(50) }), undefined);
      assert.match((await ask(byIds, { ids: ids(51) }))?.message ?? '', /50 items of a list/);
      assert.equal((await ask(searched, { filter: filter(3) }))?.code, 'INVALID_INPUT');
      assert.equal((await ask(searched, { filter: filter(7) }))?.code, 'LIMIT_EXCEEDED');
      assert.equal((await ask(searched, { filter: filter(1_500) }))?.code, 'LIMIT_EXCEEDED');
    }
    const representations = Array.from({ length: 51 }, (_, driverId) => ({ __typename: 'Driver', driverId }));
    const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';
    for (const path of ['/graphql', '/subgraph'])
      assert.match((await byHttp(path, entities, { of: representations }))?.message ?? '', /50 items of a list/);
  });

  test('the cost of an answer: lists in lists, by number, variable, default, fragment and alias', async () => {
    const cheap = 'query ($n: Int = 10) { resources(first: $n) { edges { node { ref features: upstream { ref } } } } }';
    const dear =
      'query ($n: Int = 900) { resources(first: $n) { ...Page } } fragment Page on QueryResourcesConnection { edges { node { ref upstream { ref } } } }';
    assert.equal(await byHttp('/graphql', cheap), undefined);
    assert.match((await byHttp('/graphql', cheap, { n: 900 }))?.message ?? '', /2,000 values/);
    assert.match((await byHttp('/graphql', dear))?.message ?? '', /2,000 values/);
    assert.equal(await byHttp('/graphql', dear, { n: 10 }), undefined);
    assert.match((await bySocket(dear))?.message ?? '', /2,000 values/);
    const keys = (count: number) => ({ keys: Array.from({ length: count }, (_, driverId) => ({ driverId })) });
    const list =
      'query ($keys: [DriverKey!]!) { driverList(keys: $keys) { driverStats { trips rating city _status } } }';
    assert.equal(await byHttp('/graphql', list, keys(50)), undefined);
    const wide = `query ($keys: [DriverKey!]!) { driverList(keys: $keys) { ${'abcde'
      .split('')
      .map((name) => `${name}: driverStats { trips rating city _status _eventTimestamp _features { name ref value } }`)
      .join(' ')} } }`;
    assert.match((await byHttp('/graphql', wide, keys(50)))?.message ?? '', /2,000 values/);
    assert.equal(await byHttp('/graphql', wide, keys(2)), undefined);
    const near =
      '{ driver(driverId: 1) { driverProfile { nearest(k: 100) { driver { driverProfile { nearest(k: 100) { score } } } } } } }';
    assert.match((await byHttp('/graphql', near))?.message ?? '', /2,000 values/);
  });

  test('bodies: what carries rows may be larger, and nothing else', async () => {
    const rows = (bytes: number) => [{ driver_id: 1, happened_at: 'x'.repeat(bytes) }];
    const push = 'mutation ($rows: [JSONObject!]!) { pushFeatures(view: "driver_stats", rows: $rows) { written } }';
    const other = 'query ($rows: [JSONObject!]) { __typename @skip(if: false) }';
    assert.equal((await byHttp('/graphql', push, { rows: rows(30_000) }))?.code, 'INVALID_INPUT');
    assert.match((await byHttp('/graphql', push, { rows: rows(70_000) }))?.message ?? '', /60,000 bytes/);
    assert.match((await byHttp('/graphql', other, { rows: rows(30_000) }))?.message ?? '', /20,000 bytes/);
    const both = `${push.slice(0, -1)} other: deleteResource(kind: MODEL, ref: "x") }`;
    assert.match((await byHttp('/graphql', both, { rows: rows(30_000) }))?.message ?? '', /20,000 bytes/);
    assert.match((await byHttp('/subgraph', '{ __typename }', { rows: rows(30_000) }))?.message ?? '', /20,000 bytes/);
  });

  test('bodies that do not say how long they are are counted', async () => {
    const text = JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(30_000) } });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(text));
        controller.close();
      },
    });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit);
    assert.equal(answer.status, 413);
    assert.match(refusalIn((await answer.json()) as Body)?.message ?? '', /20,000 bytes/);
  });
});

describe('limits as they are by default', () => {
  let server: TestServer;
  before(async () => {
    server = await startDriversServer();
  });
  after(() => server.stop());

  const codes = async (query: string, variables: Record<string, unknown> = {}) => {
    const { errors = [] } = await server.graphql(query, variables);
    return errors.map(({ extensions }) => extensions.code);
  };

  test('lineage is answered once in full, and not in itself without end', async () => {
    const levels = (count: number): string =>
      count === 0 ? 'ref' : `lineage { nodes { ${levels(count - 1)} } edges { from { ref } } }`;
    assert.deepEqual(await codes(`{ source(ref: "stats") { ${levels(1)} } }`), []);
    assert.deepEqual(await codes(`{ source(ref: "stats") { ${levels(3)} } }`), ['LIMIT_EXCEEDED']);
  });

  test('what leads over edges is counted as it is found', async () => {
    const { limits } = server.process.application.configuration;
    const before = limits.resources;
    limits.resources = 5;
    try {
      for (const field of ['lineage { nodes { ref } }', 'downstream(depth: 9) { ref }', 'breaks { ref }'])
        assert.deepEqual(await codes(`{ source(ref: "stats") { ${field} } }`), ['LIMIT_EXCEEDED'], field);
      assert.deepEqual(await codes('{ source(ref: "stats") { upstream { ref } } }'), []);
    } finally {
      limits.resources = before;
    }
  });

  test('unknown ids are one read, and not too many of them', async () => {
    const ids = (count: number) =>
      Array.from({ length: count }, (_, at) => {
        return Buffer.from(
          `${at % 2 ? 'Job' : 'TrainingRun'}:00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
        ).toString('base64url');
      });
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const { kysely } = server.process.application.database;
    let reads = 0;
    const selectFrom = kysely.selectFrom;
    kysely.selectFrom = ((...args: Parameters<typeof selectFrom>) => {
      reads++;
      return selectFrom.apply(kysely, args);
    }) as typeof selectFrom;
    try {
      const { data } = await server.graphql(query, { ids: ids(1_000) });
      assert.equal((data.nodes as unknown[]).length, 1_000);
      assert.ok(reads <= 4, `${reads} reads`);
    } finally {
      kysely.selectFrom = selectFrom;
    }
    assert.deepEqual(await codes(query, { ids: ids(1_001) }), ['LIMIT_EXCEEDED']);
    assert.deepEqual(
      await codes('query ($ids: [ID!]) { jobs(filter: { ids: $ids }) { edges { cursor } } }', { ids: ids(1_001) }),
      ['LIMIT_EXCEEDED'],
    );
  });

  test('a long search text, many definitions, many values in columns', async () => {
    assert.deepEqual(await codes(`{ resources(search: "${'driver '.repeat(30)}") { totalCount } }`), []);
    assert.deepEqual(await codes(`{ resources(search: "${'driver '.repeat(40)}") { totalCount } }`), [
      'LIMIT_EXCEEDED',
    ]);
    const definitions = Array.from({ length: 2_001 }, (_, at) => ({
      entity: { name: `e${at}`, joinKeys: [{ name: 'id', type: 'INT64' }] },
    }));
    assert.deepEqual(
      await codes('query ($of: [DefinitionInput!]!) { plan(definitions: $of) { issues { path } } }', {
        of: definitions,
      }),
      ['LIMIT_EXCEEDED'],
    );
    const ids = Array.from({ length: 10_000 }, (_, at) => at);
    const features = Array.from({ length: 101 }, (_, at) => ({ feature: 'driver_stats:trips', alias: `a${at}` }));
    const query = `query ($features: [SelectedFeatureInput!]!, $ids: KeyValues!) {
      onlineFeatures(select: { features: $features }, keys: [{ joinKey: "driver_id", values: $ids }]) { size } }`;
    assert.deepEqual(await codes(query, { features, ids }), ['LIMIT_EXCEEDED']);
    assert.deepEqual(await codes(query, { features: features.slice(0, 20), ids }), []);
  });

  test('of many issues the first are told, and how many more there are', async () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => ({
      driver_id: at,
      wrong: 1,
      trips: 'x',
      rating: 'y',
      city: 3,
    }));
    const { errors } = await server.graphql(
      'mutation ($rows: [JSONObject!]!) { pushFeatures(view: "driver_stats", rows: $rows) { written } }',
      { rows },
    );
    const {
      code,
      issues = [],
      moreIssues,
    } = (errors?.[0]?.extensions ?? {}) as { code?: string; issues?: unknown[]; moreIssues?: number };
    assert.equal(code, 'INVALID_INPUT');
    assert.equal(issues.length, 100);
    assert.ok(Number(moreIssues) >= 800, String(moreIssues));
    assert.match(errors?.[0]?.message ?? '', /more issues/);
    assert.ok(JSON.stringify(errors).length < 50_000);
  });

  test('introspection as tools ask it passes', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    assert.deepEqual(
      await codes(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true })),
      [],
    );
  });
});

function refusalIn({ errors }: Body): Refusal | undefined {
  const [error] = errors ?? [];
  if (error === undefined) return undefined;
  return { code: error.extensions.code, issue: error.extensions.issues?.[0]?.message, message: error.message };
}
