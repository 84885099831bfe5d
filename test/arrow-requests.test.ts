import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect } from '@featuregraph/client';
import { Float64, Int32, Int64, Table, TimestampMicrosecond, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { documentIdOf } from '../src/documents/document.ts';
import { settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { Answer, TestServer } from './servers/featuregraph.ts';
import { adminKey, guarded } from './servers/guarded.ts';

const pushing =
  'mutation ($rows: [JSONObject!]!) { pushFeatures(view: "driver_stats", rows: $rows) { written stale } }';
const reading = `query ($ids: KeyValues!) {
  onlineFeatures(
    select: { features: [{ feature: "driver_stats:trips" }, { feature: "driver_stats:rating" }, { feature: "driver_stats:city" }] }
    keys: [{ joinKey: "driver_id", values: $ids }]
  ) { columns { name values statuses eventTimestamps } }
}`;
const retrieving = `mutation ($spine: SpineInput!) {
  retrieveHistoricalFeatures(select: { features: [{ feature: "driver_stats:trips" }, { feature: "driver_stats:city" }] }, spine: $spine) { id }
}`;
const asOperations = (query: string, variables: object) => JSON.stringify({ query, variables });

const at = Date.UTC(2024, 4, 1);
const pushed = (ids: number[]) =>
  tableToIPC(
    new Table({
      driver_id: vectorFromArray(ids, new Int32()),
      happened_at: vectorFromArray(
        ids.map((_, nth) => at + nth),
        new TimestampMicrosecond('UTC'),
      ),
      recorded_at: vectorFromArray(
        ids.map(() => at),
        new TimestampMicrosecond('UTC'),
      ),
      trips: vectorFromArray(
        ids.map((_, nth) => BigInt(nth)),
        new Int64(),
      ),
      rating: vectorFromArray(
        ids.map((_, nth) => (nth === 1 ? null : nth / 4)),
        new Float64(),
      ),
      city: vectorFromArray(
        ids.map((_, nth) => (nth === 0 ? 'Ålesund' : null)),
        new Utf8(),
      ),
    }),
    'stream',
  );

const spineColumns = [
  { name: 'driver_id', type: 'INT64' },
  { name: 'asked_at', type: 'TIMESTAMP' },
  { name: 'note', type: 'STRING' },
];
const moments = [Date.UTC(2024, 0, 1, 10), Date.UTC(2024, 0, 3), Date.UTC(2023, 0, 1)];
/** Their order is not that of the columns that are named. */
const spine = tableToIPC(
  new Table({
    note: vectorFromArray(['a', null, 'c'], new Utf8()),
    driver_id: vectorFromArray([1, 1, 2], new Int32()),
    asked_at: vectorFromArray(moments, new TimestampMicrosecond()),
  }),
);
const spineOf = (rows: unknown) => ({
  rows: { columns: spineColumns, timestamp: 'asked_at', entities: [{ entity: 'driver' }], rows },
});

type Sent = {
  operations?: string;
  map?: string;
  files?: Record<string, Uint8Array>;
  headers?: Record<string, string>;
  path?: string;
};

describe('requests whose rows are Apache Arrow', () => {
  let server: TestServer;

  before(async () => {
    server = await startDriversServer({ variables: guarded }, adminKey);
  });
  after(() => server.stop());

  const authorization = { authorization: `Bearer ${adminKey}` };
  const preflight = { 'apollo-require-preflight': 'true' };

  async function send({ operations, map, files = {}, headers = { ...authorization, ...preflight }, path }: Sent) {
    const form = new FormData();
    if (operations !== undefined) form.set('operations', operations);
    if (map !== undefined) form.set('map', map);
    for (const [name, bytes] of Object.entries(files)) form.set(name, new File([Uint8Array.from(bytes)], 'rows.arrow'));
    const answer = await fetch(`${server.url}${path ?? '/graphql'}`, { method: 'POST', headers, body: form });
    return { status: answer.status, ...((await answer.json()) as Answer) };
  }

  async function sendJson(query: string, variables: object) {
    const headers = { ...authorization, 'content-type': 'application/json' };
    const body = asOperations(query, variables);
    const { data, errors } = (await (
      await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
    ).json()) as Answer;
    assert.equal(errors, undefined);
    return data;
  }

  const push = (bytes: Uint8Array, more: Sent = {}) =>
    send({
      operations: asOperations(pushing, { rows: null }),
      map: '{"0":["variables.rows"]}',
      files: { 0: bytes },
      ...more,
    });

  async function refused(sent: Promise<Answer & { status: number }>): Promise<string> {
    const { status, errors = [] } = await sent;
    const [error] = errors;
    const issues = error?.extensions.issues ?? [];
    return `${status} ${error?.extensions.code} ${issues.map(({ path, message }) => `${path} ${message}`).join('; ')}`;
  }

  test('push as JSON does', async () => {
    const { data, errors } = await push(pushed([60, 61, 62]));
    assert.equal(errors, undefined);
    assert.deepEqual(data, { pushFeatures: { written: 3, stale: 0 } });
    const instant = (nth: number) => `2024-05-01T00:00:00.00${nth}Z`;
    const row = (nth: number) => ({
      driver_id: 70 + nth,
      happened_at: instant(nth),
      recorded_at: instant(0),
      trips: nth,
      rating: nth === 1 ? null : nth / 4,
      city: nth === 0 ? 'Ålesund' : null,
    });
    await sendJson(pushing, { rows: [0, 1, 2].map(row) });
    const [arrow, json] = [
      await sendJson(reading, { ids: [60, 61, 62] }),
      await sendJson(reading, { ids: [70, 71, 72] }),
    ];
    assert.deepEqual(arrow, json);
    assert.match(JSON.stringify(arrow), /Ålesund.*2024-05-01T00:00:00.002000Z/s);
  });

  test('retrieve as JSON does, in the order of the columns that are named', async () => {
    const operations = asOperations(retrieving, { spine: spineOf(null) });
    const sent = await send({ operations, map: '{"x":["variables.spine.rows.rows"]}', files: { x: spine } });
    assert.equal(sent.errors, undefined);
    const rows = moments.map((moment, nth) => [
      nth === 2 ? 2 : 1,
      new Date(moment).toISOString(),
      ['a', null, 'c'][nth] ?? null,
    ]);
    const made = await sendJson(retrieving, { spine: spineOf(rows) });
    const client = connect({ url: server.url, apiKey: adminKey, retries: 0 });
    assert.deepEqual(await settleJobs({ client }), []);
    const results = [];
    for (const { retrieveHistoricalFeatures } of [sent.data, made] as { retrieveHistoricalFeatures: { id: string } }[])
      results.push((await client.operations.JobRun({ id: retrieveHistoricalFeatures.id })).job?.run?.rows);
    await client.close();
    assert.deepEqual(results[0], results[1]);
    assert.deepEqual(
      results[0]?.edges.map(({ node }) => node),
      [
        [1, '2024-01-01T10:00:00Z', 'a', 5, 'Rome'],
        [1, '2024-01-03T00:00:00Z', null, 7, 'Rome'],
        [2, '2023-01-01T00:00:00Z', 'c', null, null],
      ],
    );
  });

  test('run documents that are named by their ids', async () => {
    const id = documentIdOf(pushing);
    const documents = [{ id, text: pushing }];
    await sendJson(
      'mutation ($documents: [DocumentInput!]!) { publishDocuments(documents: $documents) { published { id } } }',
      {
        documents,
      },
    );
    const named = JSON.stringify({ documentId: id, variables: { rows: null } });
    const { data } = await push(pushed([80]), { operations: named });
    assert.deepEqual(data, { pushFeatures: { written: 1, stale: 0 } });
  });

  test('are refused where the form is none, or says other than it has', async () => {
    const one = pushed([90]);
    const cases: [what: string, sent: Sent, told: RegExp][] = [
      ['no map', { map: undefined }, /^400 INVALID_INPUT map must be there, once$/],
      ['a map that is no JSON', { map: '{' }, /^400 INVALID_INPUT map is no JSON$/],
      [
        'a map of two places',
        { map: '{"0":["variables.rows","variables.x"]}' },
        /^400 INVALID_INPUT map must name one place/,
      ],
      [
        'a map of two files',
        { map: '{"0":["variables.rows"],"1":["variables.x"]}' },
        /INVALID_INPUT map must name one place/,
      ],
      [
        'a map that is too long',
        { map: JSON.stringify({ 0: ['x'.repeat(3_000)] }) },
        /INVALID_INPUT map must be there/,
      ],
      [
        'another place',
        { map: '{"0":["variables.lines"]}' },
        /INVALID_INPUT map names "variables.lines", which is no null/,
      ],
      [
        'a place in what is no variable',
        {
          operations: JSON.stringify({ query: pushing, operationName: null, variables: { rows: null } }),
          map: '{"0":["operationName"]}',
        },
        /INVALID_INPUT map names "operationName"/,
      ],
      ['a place of every object', { map: '{"0":["variables.__proto__.rows"]}' }, /INVALID_INPUT map names/],
      ['rows that are there', { operations: asOperations(pushing, { rows: [] }) }, /INVALID_INPUT map names/],
      ['no file', { files: {} }, /^400 INVALID_INPUT map must name the one file with rows$/],
      ['another file', { files: { 1: one } }, /INVALID_INPUT map must name the one file with rows/],
      ['two files', { files: { 0: one, 1: one } }, /^400 INVALID_INPUT body is no multipart form of three parts$/],
      ['no operations', { operations: undefined }, /INVALID_INPUT operations must be there, once/],
      ['several operations', { operations: '[]' }, /INVALID_INPUT operations is no request of GraphQL/],
      [
        'no Arrow',
        { files: { 0: Buffer.from('driver_id\n1\n') } },
        /INVALID_INPUT variables.rows is no table of Apache Arrow/,
      ],
      ['Arrow that is cut', { files: { 0: one.subarray(0, 900) } }, /INVALID_INPUT variables.rows is no table/],
      [
        'a header too few',
        { headers: authorization },
        /^400 INVALID_INPUT headers has none of apollo-require-preflight/,
      ],
    ];
    for (const [what, sent, told] of cases) assert.match(await refused(push(one, sent)), told, what);
    assert.deepEqual((await sendJson(reading, { ids: [90] })).onlineFeatures, {
      columns: ['trips', 'rating', 'city'].map((name) => ({
        name,
        values: [null],
        statuses: ['NOT_FOUND'],
        eventTimestamps: [null],
      })),
    });
  });

  test('are refused by their columns as rows of JSON are', async () => {
    const columns = { driver_id: vectorFromArray([1], new Int32()), speed: vectorFromArray([1], new Int32()) };
    assert.match(await refused(push(tableToIPC(new Table(columns)))), /INVALID_INPUT .*speed/);
    const operations = asOperations(retrieving, { spine: spineOf(null) });
    const map = '{"0":["variables.spine.rows.rows"]}';
    const told = await refused(push(tableToIPC(new Table(columns)), { operations, map }));
    assert.match(told, /^400 INVALID_INPUT variables.spine.rows.rows has no column "asked_at"/);
  });

  test('are no larger than others, and of nobody who may not ask', async () => {
    const large = new Uint8Array(2 ** 20);
    const operations = asOperations('query ($rows: JSONObject) { __typename }', { rows: null });
    assert.match(await refused(push(large, { operations })), /^413 LIMIT_EXCEEDED body has 1,0/);
    assert.match(await refused(push(new Uint8Array(2 ** 24))), /^413 LIMIT_EXCEEDED body/);
    const many = new Table({ city: vectorFromArray(Array(100_001).fill(1), new Int32()) });
    assert.match(await refused(push(tableToIPC(many))), /^413 LIMIT_EXCEEDED variables.rows has 100,001/);
    // What is wrong with it is not even looked for.
    assert.match(await refused(push(large, { headers: preflight, map: '{' })), /^401 UNAUTHENTICATED/);
    const other = await fetch(`${server.url}/subgraph`, {
      method: 'POST',
      headers: { ...authorization, ...preflight },
      body: new FormData(),
    });
    assert.equal(other.status, 415);
  });
});
