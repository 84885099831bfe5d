import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { connect } from '@featuregraph/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { changingTools } from '../server/mcp/changing-tools.ts';
import { definitionFormat, nounNames } from '../server/mcp/definition-format.ts';
import { startMcpOverHttp } from '../server/mcp/http.ts';
import { startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';
import { adminKey, guarded } from './servers/guarded.ts';

const main = resolve('bin/featuregraph.js');
const page = await readFile('docs/mcp.md', 'utf8');

type Told = { error: { code: string; message: string; issues: { path: string; message: string; fix?: string }[] } };

describe('featuregraph mcp', () => {
  let server: TestServer;
  let environment: Record<string, string>;
  const clients: Client[] = [];

  before(async () => {
    server = await startDriversServer({ variables: guarded }, adminKey);
    environment = { FEATUREGRAPH_URL: server.url, FEATUREGRAPH_API_KEY: adminKey };
  });
  after(async () => {
    for (const client of clients) await client.close();
    await server?.stop();
  });

  async function connected(transport: Transport): Promise<Client> {
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    clients.push(client);
    return client;
  }
  const overStdio = (words: string[], env = environment) =>
    connected(new StdioClientTransport({ command: process.execPath, args: [main, ...words], env }));

  async function call<T>(client: Client, name: string, given: object = {}): Promise<T> {
    const answer = (await client.callTool({ name, arguments: { ...given } })) as CallToolResult;
    const [content] = answer.content;
    assert.ok(content?.type === 'text');
    assert.deepEqual(JSON.parse(content.text), answer.structuredContent);
    assert.equal(answer.isError ?? false, Object.keys(answer.structuredContent ?? {}).join() === 'error', content.text);
    return answer.structuredContent as T;
  }

  describe('over stdio, as docs/mcp.md configures it', () => {
    let agent: Client;
    before(async () => {
      const [configuration = '', ...others] = [...page.matchAll(/```json\n([\s\S]+?)```/g)].map(
        ([, block]) => block ?? '',
      );
      assert.deepEqual(others, []);
      const { mcpServers } = JSON.parse(configuration);
      const { command, args, env } = mcpServers.featuregraph;
      assert.deepEqual([command, ...args.slice(0, 2)], ['npx', 'featuregraph', 'mcp']);
      assert.deepEqual(Object.keys(env), Object.keys(environment));
      agent = await overStdio(args.slice(1));
    });

    test('names its tools as docs/mcp.md lists them, none of which changes anything', async () => {
      const { tools } = await agent.listTools();
      const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
      const changing = changingTools.map(({ name }) => name);
      assert.deepEqual([...tools.map(({ name }) => name), ...changing].toSorted(), documented.toSorted());
      for (const { annotations, inputSchema, description } of tools) {
        assert.equal(annotations?.readOnlyHint, true);
        assert.equal(inputSchema.additionalProperties, false);
        assert.ok(description);
      }
      assert.match(agent.getInstructions() ?? '', /feature store/);
    });

    test('finds, describes and traces', async () => {
      const search = await call<{ found: { ref: string }[]; more: boolean }>(agent, 'search', {
        text: 'driver',
        limit: 2,
      });
      assert.deepEqual([search.found.length, search.more], [2, true]);
      const listed = await call<{ found: { ref: string }[] }>(agent, 'list', { kinds: ['FEATURE_SERVICE'] });
      assert.deepEqual(
        listed.found.map(({ ref }) => ref),
        ['acceptance@v1'],
      );
      const view = await call<{ definition: object; upstream: object[] }>(agent, 'describe', {
        kind: 'FEATURE_VIEW',
        ref: 'driver_stats',
      });
      assert.ok('featureView' in view.definition);
      assert.equal(view.upstream.length, 3);
      const { nodes } = await call<{ nodes: { ref: string }[] }>(agent, 'lineage', {
        kind: 'MODEL',
        ref: 'dispatch',
        direction: 'UPSTREAM',
      });
      assert.ok(nodes.some(({ ref }) => ref === 'stats@v1'));
      const { providers } = await call<{ providers: { health: { healthy: boolean } }[] }>(agent, 'check_providers');
      assert.deepEqual(
        providers.map(({ health }) => health.healthy),
        [true, true, true],
      );
    });

    test('reads rows, features and neighbours', async () => {
      const { columns, rows } = await call<{ columns: { name: string }[]; rows: unknown[][] }>(
        agent,
        'preview_source',
        { ref: 'stats', limit: 1 },
      );
      assert.deepEqual([columns[0]?.name, rows.length], ['driver_id', 1]);
      const set = await call<{ rows: { totalCount: number; edges: unknown[] } }>(agent, 'preview_training_set', {
        ref: 'acceptance',
        limit: 2,
      });
      assert.deepEqual([set.rows.totalCount, set.rows.edges.length], [6, 2]);
      const keys = { driver_id: [1, 9] };
      type Served = { columns: { name: string; values: unknown[]; statuses: string[] }[] };
      const served = await call<Served>(agent, 'get_features', { service: 'acceptance', keys });
      const trips = served.columns.find(({ name }) => name === 'trips');
      assert.deepEqual(
        [trips?.values, trips?.statuses],
        [
          [7, null],
          ['PRESENT', 'NOT_FOUND'],
        ],
      );
      const single = await call<Served>(agent, 'get_features', { features: ['driver_stats:rating'], keys });
      assert.deepEqual(single.columns[0]?.values, [4.75, null]);
      const near = {
        embedding: 'driver_profile:profile',
        key: { driver_id: 1 },
        limit: 1,
        features: ['driver_stats:trips'],
      };
      const { neighbors } = await call<{ neighbors: { features: { value: unknown }[] }[] }>(agent, 'nearest', near);
      assert.deepEqual(
        neighbors.map(({ features }) => features[0]?.value),
        [9],
      );
      const jobs = await call<{ found: { id: string }[] }>(agent, 'list_jobs', { states: ['SUCCEEDED'], limit: 1 });
      const job = await call<{ log: unknown[] }>(agent, 'describe_job', { id: jobs.found[0]?.id });
      assert.ok(job.log.length > 0);
    });

    test('plans, and says how definitions are written', async () => {
      const format = await call<{ properties: { entity: { required: string[] } } }>(agent, 'definition_format', {
        noun: 'entity',
      });
      assert.deepEqual(format.properties.entity.required, ['name', 'joinKeys']);
      const rider = { entity: { name: 'rider', joinKeys: [{ name: 'rider_id', type: 'INT64' }] } };
      const plan = await call<{ steps: { action: string; ref: string }[] }>(agent, 'plan', { definitions: [rider] });
      assert.deepEqual(
        plan.steps.map(({ action, ref }) => [action, ref]),
        [['CREATE', 'rider@v1']],
      );
    });

    test('tells what is wrong by code, with issues', async () => {
      const { error: input } = await call<Told>(agent, 'get_features', { keys: {} });
      assert.deepEqual(
        [input.code, input.issues[0]?.message],
        ['INVALID_INPUT', 'give exactly one of service and features'],
      );
      const { error: unknown } = await call<Told>(agent, 'describe', { kind: 'ENTITY', ref: 'rider' });
      assert.deepEqual([unknown.code, unknown.issues[0]?.path], ['NOT_FOUND', 'ref']);
      const { error: served } = await call<Told>(agent, 'get_features', {
        features: ['driver_stats:trip'],
        keys: { driver_id: [1] },
      });
      assert.equal(served.code, 'INVALID_INPUT');
      assert.match(JSON.stringify(served.issues), /driver_stats:trips/);
      assert.doesNotMatch(served.message, /\n/);
      const { error: off } = await call<Told>(agent, 'apply', { definitions: [{}] });
      assert.deepEqual(
        [off.code, off.issues[0]?.fix],
        ['FORBIDDEN', 'Start `featuregraph mcp` with --allow-changes, where it is meant.'],
      );
      assert.equal((await call<Told>(agent, 'drop')).error.code, 'NOT_FOUND');
    });
  });

  test('changes things where that is allowed, and waits for their jobs', async () => {
    const agent = await overStdio(['mcp', '--allow-changes']);
    const { tools } = await agent.listTools();
    assert.equal(tools.find(({ name }) => name === 'apply')?.annotations?.destructiveHint, true);
    type Changed = { steps?: { action: string }[]; jobs: { state: string; ref: string }[] };
    const rider = { entity: { name: 'rider', joinKeys: [{ name: 'rider_id', type: 'INT64' }] } };
    const { steps } = await call<Changed>(agent, 'apply', { definitions: [rider] });
    assert.deepEqual(
      steps?.map(({ action }) => action),
      ['CREATE'],
    );
    const materialized = await call<Changed>(agent, 'materialize', { views: ['driver_stats'] });
    assert.deepEqual(
      materialized.jobs.map(({ state }) => state),
      ['SUCCEEDED'],
    );
    const unwaited = await call<Changed>(agent, 'build_training_set', { ref: 'acceptance', waitSeconds: 0 });
    assert.equal(unwaited.jobs.length, 1);
    const row = {
      driver_id: 9,
      happened_at: '2024-06-01T00:00:00Z',
      recorded_at: '2024-06-01T00:00:00Z',
      trips: 1,
      rating: 5,
      city: 'Oslo',
    };
    assert.deepEqual(await call(agent, 'push', { view: 'driver_stats', rows: [row] }), { written: 1, stale: 0 });
    const { columns } = await call<{ columns: { values: unknown[] }[] }>(agent, 'get_features', {
      features: ['driver_stats:city'],
      keys: { driver_id: [9] },
    });
    assert.deepEqual(columns[0]?.values, ['Oslo']);
  });

  test('asks over HTTP as who asks it, and answers no page of others', async () => {
    const own = { url: server.url, apiKey: undefined, allowChanges: false, host: '127.0.0.1', port: 0 };
    const running = await startMcpOverHttp(own);
    try {
      const transport = (headers: Record<string, string>) =>
        new StreamableHTTPClientTransport(new URL(running.url), { requestInit: { headers } }) as Transport;
      const known = await connected(transport({ authorization: `Bearer ${adminKey}` }));
      const { found } = await call<{ found: object[] }>(known, 'list', { kinds: ['ENTITY'] });
      assert.ok(found.length > 0);
      const unknown = await connected(transport({}));
      assert.equal((await call<Told>(unknown, 'list')).error.code, 'UNAUTHENTICATED');
      const other = await fetch(running.url, { method: 'POST', headers: { origin: 'http://elsewhere.example' } });
      assert.equal(other.status, 403);
      assert.equal((await fetch(running.url)).status, 405);
    } finally {
      await running.close();
    }
  });

  test('listens over HTTP as a command, and ends when it is told to', async () => {
    const child: ChildProcess = spawn(process.execPath, [main, 'mcp', '--http', '0'], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.ok(child.stderr);
    const [line] = (await once(createInterface(child.stderr), 'line')) as [string];
    const url = /http:\S+/.exec(line)?.[0] ?? '';
    const agent = await connected(new StreamableHTTPClientTransport(new URL(url)) as Transport);
    const { found } = await call<{ found: object[] }>(agent, 'list');
    assert.ok(found.length > 0, 'with the key of the process, on this machine');
    await agent.close();
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  test('has a format of every noun that what is registered is of', async () => {
    const client = connect({ url: server.url, apiKey: adminKey });
    const onDemand = {
      name: 'quote',
      inputs: [{ feature: 'driver_stats:trips' }],
      request: [{ name: 'amount', type: 'FLOAT64' }],
      features: [{ name: 'ratio', expression: 'request.amount / double(trips)' }],
    };
    await client.apply([{ onDemandFeatureView: onDemand }]);
    const registered = await client.export();
    await client.close();
    for (const noun of nounNames) {
      const format = z.fromJSONSchema(definitionFormat(noun) as z.core.JSONSchema.JSONSchema);
      const ofNoun = registered.filter((one) => noun in one);
      assert.ok(ofNoun.length > 0, noun);
      for (const one of ofNoun) assert.deepEqual(format.safeParse(one).error?.issues ?? [], [], JSON.stringify(one));
      assert.equal(format.safeParse({ [noun]: { nane: 'a' } }).success, false);
    }
  });
});
