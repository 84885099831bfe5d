import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { connect, documentIds } from '@featuregraph/client';
import { createClient } from 'graphql-ws';
import { documentIdOf } from '../src/documents/document.ts';
import { eventually } from './servers/eventually.ts';
import { type Answer, startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';

const run = promisify(execFile);
const postgres = await postgresForTests();
const skip = 'skip' in postgres ? postgres.skip : false;

const entities = 'query Entities($first: Int) { entities(first: $first) { totalCount } }';
const ofDriver = 'query OfDriver { driver(driverId: 1) { __typename } }';
const changes = 'subscription Changes { resourceChanges { action ref } }';
const register =
  'mutation Register($name: String!) { registerEntity(definition: { name: $name, joinKeys: [{ name: "k", type: "INT64" }] }) { ref } }';

/** Two processes of one deployment: one takes any document, the other trusted ones alone. */
describe('trusted documents', { skip }, () => {
  let any: TestServer;
  let trusted: TestServer;

  before(async () => {
    assert.ok('url' in postgres);
    const variables = {
      DATABASE_URL: postgres.url,
      FEATUREGRAPH_PROJECT: 'documents',
      FEATUREGRAPH_LIMIT_DOCUMENTS: '40',
    };
    any = await startTestServer({ variables });
    trusted = await startTestServer({
      worker: false,
      variables: { ...variables, FEATUREGRAPH_DOCUMENTS: 'trusted' },
    });
    await any.client.apply([{ entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } }]);
  });
  after(async () => {
    await trusted.stop();
    await any.stop();
    if ('stop' in postgres) await postgres.stop();
  });

  async function post(server: TestServer, body: object, path = '/graphql'): Promise<Answer & { status: number }> {
    const headers = { 'content-type': 'application/json', 'x-featuregraph-user': 'tester' };
    const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { ...((await answer.json()) as Answer), status: answer.status };
  }

  async function get(
    server: TestServer,
    parameters: Record<string, string>,
    headers = { 'apollo-require-preflight': '1' },
  ) {
    const answer = await fetch(`${server.url}/graphql?${new URLSearchParams(parameters)}`, { headers });
    return { ...((await answer.json()) as Answer), status: answer.status };
  }

  const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code;

  function publish(texts: readonly string[], server = any) {
    const documents = texts.map((text) => ({ id: documentIdOf(text), text }));
    return server.graphql(
      'mutation ($documents: [DocumentInput!]!) { publishDocuments(documents: $documents) { published { documentId name operation } unchanged { name } } }',
      { documents },
    );
  }

  async function overSocket(server: TestServer, payload: object): Promise<Answer> {
    const socket = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
    try {
      for await (const answer of socket.iterate(payload as { query: string })) return answer as unknown as Answer;
      return { data: {} };
    } catch (errors) {
      if (!Array.isArray(errors)) throw errors;
      return { data: {}, errors };
    } finally {
      await socket.dispose();
    }
  }

  test('are published by one process and run by id in every other, over HTTP and WebSocket', async () => {
    const { data, errors } = await publish([entities, ofDriver, changes, register]);
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data.publishDocuments, {
      published: [
        { documentId: documentIdOf(entities), name: 'Entities', operation: 'QUERY' },
        { documentId: documentIdOf(ofDriver), name: 'OfDriver', operation: 'QUERY' },
        { documentId: documentIdOf(changes), name: 'Changes', operation: 'SUBSCRIPTION' },
        { documentId: documentIdOf(register), name: 'Register', operation: 'MUTATION' },
      ],
      unchanged: [],
    });
    const id = documentIdOf(entities);
    const sha = { version: 1, sha256Hash: id };
    await eventually(async () =>
      assert.equal((await post(trusted, { documentId: documentIdOf(ofDriver) })).status, 200),
    );
    for (const server of [any, trusted]) {
      for (const named of [
        { documentId: id },
        { documentId: `sha256:${id.toUpperCase()}`, operationName: 'Entities' },
        { extensions: { persistedQuery: sha } },
        { query: 'something else', extensions: { persistedQuery: sha } },
      ]) {
        const { data, errors, status } = await post(server, { ...named, variables: { first: 1 } });
        assert.deepEqual([status, errors, data], [200, undefined, { entities: { totalCount: 1 } }]);
        const told = await overSocket(server, { query: '', ...named });
        assert.deepEqual(told.data, { entities: { totalCount: 1 } }, JSON.stringify(told));
      }
      assert.deepEqual((await get(server, { documentId: id, variables: '{"first":1}' })).data, {
        entities: { totalCount: 1 },
      });
      const extensions = JSON.stringify({ persistedQuery: sha });
      assert.equal((await get(server, { extensions })).status, 200);
    }
  });

  test('that were published before are so still, and are listed with who published them', async () => {
    const again = await publish([entities]);
    assert.deepEqual(again.data.publishDocuments, { published: [], unchanged: [{ name: 'Entities' }] });
    const { data } = await any.graphql(
      '{ documents(first: 2) { totalCount edges { node { id documentId name operation text publishedBy publishedAt } } } }',
    );
    const page = data.documents as { totalCount: number; edges: { node: Record<string, string> }[] };
    assert.equal(page.totalCount, 4);
    assert.equal(page.edges[1]?.node.name, 'Entities');
    assert.equal(page.edges[1]?.node.text, entities);
    assert.equal(page.edges[1]?.node.publishedBy, 'anonymous');
    const node = await any.graphql('query ($id: ID!) { node(id: $id) { ... on TrustedDocument { name } } }', {
      id: page.edges[1]?.node.id,
    });
    assert.deepEqual(node.data, { node: { name: 'Entities' } });
  });

  test('are refused, all of them, with everything that is wrong with any', async () => {
    const texts = [
      'query Good { __typename }',
      '{ nothing { at } all }',
      '{ sources(',
      'query A { __typename } query B { __typename }',
      'fragment F on Query { __typename }',
      `{ ${'a: __typename '.repeat(500)} }`,
      'mutation { testProvider(definition: { name: "x", config: { redis: { host: "h", password: { sealed: "w" } } } }) { healthy } }',
    ];
    const documents = texts.map((text) => ({ id: documentIdOf(text), text }));
    documents.push({ id: documentIdOf('another'), text: entities });
    const { errors } = await any.graphql(
      'mutation ($documents: [DocumentInput!]!) { publishDocuments(documents: $documents) { published { name } } }',
      { documents },
    );
    assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT');
    const issues = errors[0].extensions.issues ?? [];
    assert.deepEqual([...new Set(issues.map(({ path }) => path))].toSorted(), [
      'documents[1].text',
      'documents[2].text',
      'documents[3].text',
      'documents[4].text',
      'documents[5].query',
      'documents[6].text',
      'documents[7].id',
    ]);
    assert.equal((await post(any, { documentId: documentIdOf(texts[0] ?? '') })).status, 400);
    const many = await publish(Array.from({ length: 40 }, (_, at) => `query N${at} { __typename }`));
    assert.equal(many.errors?.[0]?.extensions.code, 'LIMIT_EXCEEDED');
    assert.match(JSON.stringify(many.errors), /FEATUREGRAPH_LIMIT_DOCUMENTS/);
  });

  test('that are not published are told by their id, with how to publish', async () => {
    const documentId = documentIdOf('nobody');
    for (const server of [any, trusted]) {
      const { errors, status } = await post(server, { documentId });
      assert.deepEqual([status, errors?.[0]?.extensions.code], [400, 'DOCUMENT_NOT_FOUND']);
      assert.match(JSON.stringify(errors), new RegExp(documentId));
      assert.match(JSON.stringify(errors), /featuregraph documents publish/);
      assert.equal(codeOf(await overSocket(server, { query: '', documentId })), 'DOCUMENT_NOT_FOUND');
    }
    // Clients that hash what they ask send the text next, which runs where any may.
    const extensions = { persistedQuery: { version: 1, sha256Hash: documentId } };
    assert.deepEqual(
      [(await post(any, { extensions })).errors?.[0]?.message, codeOf(await post(any, { extensions }))],
      ['PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND'],
    );
    assert.equal((await post(any, { query: '{ __typename }', extensions })).data.__typename, 'Query');
    assert.equal((await overSocket(any, { query: '{ __typename }', extensions })).data.__typename, 'Query');
    assert.equal(codeOf(await post(trusted, { extensions })), 'DOCUMENT_NOT_FOUND');
    assert.equal(codeOf(await post(trusted, { query: '{ __typename }', extensions })), 'DOCUMENT_NOT_FOUND');
    assert.equal(codeOf(await overSocket(trusted, { query: '{ __typename }', extensions })), 'DOCUMENT_NOT_FOUND');
  });

  test('alone run where nothing else may: no text is read, no introspection and no playground served, but the dashboard', async () => {
    for (const query of [
      '{ __typename }',
      '{ __schema { queryType { name } } }',
      '{ not graphql',
      entities,
      ' '.repeat(200_000),
    ]) {
      assert.equal(codeOf(await post(trusted, { query })), 'DOCUMENT_NOT_TRUSTED');
      assert.equal(codeOf(await post(trusted, { query }, '/subgraph')), 'DOCUMENT_NOT_TRUSTED');
      assert.equal(codeOf(await overSocket(trusted, { query })), 'DOCUMENT_NOT_TRUSTED');
    }
    assert.equal(codeOf(await get(trusted, { query: entities })), 'DOCUMENT_NOT_TRUSTED');
    assert.equal(codeOf(await post(trusted, [])), 'DOCUMENT_NOT_TRUSTED');
    const pageOf = async (server: TestServer, path: string) => (await fetch(server.url + path)).text();
    assert.equal(await pageOf(trusted, '/'), await pageOf(any, '/'));
    assert.match(await pageOf(trusted, '/playground'), /runs trusted documents only/);
    assert.doesNotMatch(await pageOf(any, '/playground'), /trusted documents/);
  });

  test('are held to their variables, their kind and their method like any other', async () => {
    const id = { documentId: documentIdOf(entities) };
    const wrong = await post(any, { ...id, variables: { first: 'x' } });
    assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'BAD_USER_INPUT']);
    assert.equal(codeOf(await post(any, { ...id, variables: [1] })), 'BAD_REQUEST');
    assert.equal(codeOf(await post(any, { ...id, operationName: 'Other' })), 'OPERATION_RESOLUTION_FAILURE');
    const deep = await post(any, { ...id, variables: { first: JSON.parse('['.repeat(60) + ']'.repeat(60)) } });
    assert.equal(codeOf(deep), 'LIMIT_EXCEEDED');
    const large = await post(any, { ...id, variables: { first: 1, more: ' '.repeat(1_100_000) } });
    assert.deepEqual([large.status, codeOf(large)], [413, 'LIMIT_EXCEEDED']);
    assert.equal(codeOf(await post(any, { documentId: documentIdOf(changes) })), 'BAD_REQUEST');
    assert.equal((await get(any, { documentId: documentIdOf(register), variables: '{"name":"x"}' })).status, 405);
    assert.equal((await get(any, id, {} as never)).status, 400);
    assert.equal(codeOf(await get(any, { ...id, variables: '{' })), 'BAD_REQUEST');
    const accept = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    const answer = await fetch(`${any.url}/graphql`, { method: 'POST', headers: accept, body: JSON.stringify(id) });
    assert.match(answer.headers.get('content-type') ?? '', /^application\/graphql-response\+json/);
  });

  test('watch and change by id, follow the graph, and say so when they no longer fit it', async () => {
    const socket = createClient({ url: `${trusted.url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
    const events = socket.iterate({ query: '', extensions: { documentId: documentIdOf(changes) } } as never);
    const first = events.next();
    let at = 0;
    let seen = false;
    first.then(() => {
      seen = true;
    });
    await eventually(async () => {
      const name = `made_${at++}`;
      const { data } = await post(trusted, { documentId: documentIdOf(register), variables: { name } });
      assert.deepEqual(data, { registerEntity: { ref: `${name}@v1` } });
      assert.ok(seen);
    });
    assert.equal(((await first).value as Answer).errors, undefined);
    await events.return?.();
    await socket.dispose();
    const id = { documentId: documentIdOf(ofDriver) };
    assert.deepEqual((await post(trusted, id)).data, { driver: { __typename: 'Driver' } });
    await any.client.operations.DeleteResource({ kind: 'ENTITY', ref: 'driver' });
    await eventually(async () => assert.equal(codeOf(await post(trusted, id)), 'GRAPHQL_VALIDATION_FAILED'));
    assert.equal(codeOf(await overSocket(trusted, { query: '', ...id })), 'GRAPHQL_VALIDATION_FAILED');
    // Published in the breath after: it fits what is registered, not the graph of before.
    await any.client.apply([{ entity: { name: 'rider', joinKeys: [{ name: 'rider_id', type: 'INT64' }] } }]);
    const ofRider = await publish(['query OfRider { rider(riderId: 1) { __typename } }']);
    assert.equal(ofRider.errors, undefined, JSON.stringify(ofRider.errors));
  });

  test('are published, listed and withdrawn by the command line, where trusted ones alone run', async () => {
    const command = (...given: string[]) =>
      run(process.execPath, ['bin/featuregraph.js', 'documents', ...given, '--url', trusted.url]).catch(
        (failed: { stdout: string; stderr: string }) => failed,
      );
    const file = join(any.dataRoot, 'manifest.json');
    const one = 'query One { __typename }';
    const two = 'query Two { __typename }';
    await writeFile(file, JSON.stringify({ [documentIdOf(one)]: one }));
    assert.match((await command('publish', file)).stdout, /1 published, 0 were published before/);
    const operations = [one, two].map((body) => ({ id: documentIdOf(body), name: 'n', type: 'query', body }));
    await writeFile(file, JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }));
    assert.match((await command('publish', file)).stdout, /1 published, 1 were published before/);
    assert.match((await command('list')).stdout, new RegExp(`${documentIdOf(two)}  QUERY  Two`));
    assert.equal((await post(trusted, { documentId: documentIdOf(two) })).data.__typename, 'Query');
    assert.match((await command('unpublish', documentIdOf(two))).stdout, /1 withdrawn/);
    assert.equal(codeOf(await post(trusted, { documentId: documentIdOf(two) })), 'DOCUMENT_NOT_FOUND');
    await eventually(async () =>
      assert.equal(codeOf(await post(any, { documentId: documentIdOf(two) })), 'DOCUMENT_NOT_FOUND'),
    );
    const gone = await command('unpublish', documentIdOf(one), documentIdOf(two));
    assert.match(gone.stderr, /Nothing was withdrawn[\s\S]*ids\[1\]/);
    await writeFile(file, '{ "operations": [] }');
    assert.match((await command('publish', file)).stderr, /is no manifest/);
    await writeFile(file, JSON.stringify({ [documentIdOf(one)]: two }));
    assert.match((await command('publish', file)).stderr, /is not the SHA-256 of its text/);
  });

  test("of the client's own manifest are all that it sends", async () => {
    const manifest = JSON.parse(
      await readFile(new URL('../clients/typescript/generated/documents.json', import.meta.url), 'utf8'),
    ) as Record<string, string>;
    const { data, errors } = await publish(Object.values(manifest));
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.equal((data.publishDocuments as { published: unknown[] }).published.length, Object.keys(manifest).length);
    const client = connect({ url: trusted.url, documents: documentIds });
    await eventually(async () => {
      const { nodes } = await client.lineage('ENTITY', 'rider');
      assert.equal(nodes.length, 1);
    });
    await assert.rejects(client.trainingSet('nobody').page(), { code: 'NOT_FOUND' });
    await client.close();
    const texts = connect({ url: trusted.url });
    await assert.rejects(texts.trainingSet('nobody').page(), { code: 'DOCUMENT_NOT_TRUSTED' });
    await texts.close();
  });
});
