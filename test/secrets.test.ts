import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, type DefinitionInput, type Featuregraph } from '@featuregraph/client';
import { driver, statsSource, statsView, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { freePort } from './servers/free-port.ts';
import {
  echoingPeers,
  postgresPeers,
  qdrantPeers,
  type RunningPeer,
  redisPeers,
  startPeer,
} from './servers/hostile-peers.ts';
import { postgresForTests } from './servers/postgres.ts';

/** Part of every secret of these tests, and of nothing else. */
const planted = 'pl4nted';

const address = (port: number | string | undefined, rest = '') =>
  `postgres://${planted}user:${planted}%2Fpass@127.0.0.1:${port}/${planted}db${rest}`;

const postgres = await postgresForTests();
const skip = 'skip' in postgres ? postgres.skip : false;

describe('a secret', { skip }, () => {
  let child: ChildProcess;
  let home: string;
  let url: string;
  let client: Featuregraph;
  let peers: RunningPeer[];
  /** All that anybody was told: answers, and the log. */
  const told: string[] = [];

  before(async () => {
    assert.ok('url' in postgres);
    home = await mkdtemp(join(tmpdir(), 'featuregraph-'));
    await writeDriversFiles(home);
    await mkdir(join(home, 'secrets'));
    await writeFile(join(home, 'secrets', 'word'), `${planted}-file\n`);
    await writeFile(join(home, 'secrets', 'word.hosts'), '127.0.0.1\n');
    await writeFile(join(home, 'secrets', 'unbound'), `${planted}-unbound-file`);
    peers = await Promise.all(
      [
        echoingPeers.postgres,
        echoingPeers.redis,
        echoingPeers.qdrant,
        postgresPeers[1],
        redisPeers[1],
        qdrantPeers[1],
      ].map((peer) => startPeer(peer ?? echoingPeers.redis)),
    );
    const [echoing] = peers;
    const real = new URL(postgres.url).port;
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, ['bin/featuregraph.js', 'start'], {
      env: {
        ...process.env,
        FEATUREGRAPH_PORT: String(port),
        FEATUREGRAPH_AUTHENTICATION: 'none',
        FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state'),
        FEATUREGRAPH_DATA_ROOTS: home,
        FEATUREGRAPH_LOG_LEVEL: 'trace',
        FEATUREGRAPH_READ_DEADLINE_MS: '600',
        FEATUREGRAPH_SHUTDOWN_SECONDS: '1',
        FEATUREGRAPH_SECRETS_DIRECTORY: join(home, 'secrets'),
        FEATUREGRAPH_SEALING_KEYS: randomBytes(32).toString('base64'),
        PGPASSWORD: `${planted}-of-the-environment`,
        FEATUREGRAPH_SECRET_WORD: `${planted}-word`,
        FEATUREGRAPH_SECRET_WORD_HOSTS: '127.0.0.1',
        FEATUREGRAPH_SECRET_ELSEWHERE: `${planted}-elsewhere`,
        FEATUREGRAPH_SECRET_ELSEWHERE_HOSTS: '*.internal, 10.0.0.0/8',
        FEATUREGRAPH_SECRET_UNBOUND: `${planted}-unbound`,
        FEATUREGRAPH_SECRET_BROKEN: `${planted}\nkey\u2028`,
        FEATUREGRAPH_SECRET_BROKEN_HOSTS: '127.0.0.1',
        FEATUREGRAPH_SECRET_PG_ECHO: address(echoing?.port),
        FEATUREGRAPH_SECRET_PG_REAL: address(real),
        FEATUREGRAPH_SECRET_PG_OPTIONS: postgres.url
          .replace('postgres?', '')
          .concat(`?options=-c%20${planted}option%3D1%20--${planted}`),
        FEATUREGRAPH_SECRET_PG_SETTING: `${postgres.url}?options=-c%20statement_timeout%3D${planted}`,
        FEATUREGRAPH_SECRET_PG_DATABASE: postgres.url.replace(/postgres$/, `${planted}db`),
        FEATUREGRAPH_SECRET_PG_CLOSED: address(await freePort()),
        FEATUREGRAPH_SECRET_PG_PORT: address(`${planted}port`),
        FEATUREGRAPH_SECRET_PG_SOCKET: `postgres://${planted}user@%2Ftmp/${planted}db`,
        FEATUREGRAPH_SECRET_PG_HOST: `postgres://${planted}user@127.0.0.1/${planted}db?host=/tmp`,
        FEATUREGRAPH_SECRET_REDIS_ECHO: `redis://${planted}user:${planted}pass@127.0.0.1:${peers[1]?.port}/3`,
        FEATUREGRAPH_SECRET_REDIS_PORT: `redis://:${planted}pass@127.0.0.1:${planted}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => told.push(String(bytes)));
    client = connect({ url });
    await eventually(async () => assert.equal((await fetch(`${url}/readyz`)).status, 200));
  });
  after(async () => {
    await client.close();
    child.kill();
    await once(child, 'exit');
    await Promise.all(peers.map((peer) => peer.stop()));
    if ('stop' in postgres) await postgres.stop();
    await rm(home, { recursive: true, force: true });
  });

  type Answer = {
    data?: Record<string, unknown>;
    errors?: { extensions: { code: string; issues?: { path: string }[] } }[];
  };
  const ask = async (query: string, variables: object = {}): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const text = await answer.text();
    told.push(text);
    return JSON.parse(text) as Answer;
  };
  const tried = `mutation ($config: ProviderConfig!) {
    testProvider(definition: { name: "tried", config: $config }) { healthy message warnings }
  }`;
  const register = `mutation ($definition: ProviderInput!) { registerProvider(definition: $definition) { ref health { healthy message } } }`;

  const planned =
    'query ($definitions: [DefinitionInput!]!) { plan(definitions: $definitions) { steps { changes { path before after } } issues { path message } } }';

  const env = (name: string) => ({ env: `FEATUREGRAPH_SECRET_${name}` });
  const configs = (): object[] => {
    const at = (peer: number) => ({ host: '127.0.0.1', port: peers[peer]?.port });
    return [
      ...['ECHO', 'REAL', 'OPTIONS', 'SETTING', 'DATABASE', 'CLOSED', 'PORT', 'SOCKET', 'HOST'].map((name) => ({
        postgres: { url: env(`PG_${name}`) },
      })),
      { postgres: { ...at(0), password: env('WORD') } },
      { postgres: at(0) },
      { postgres: { ...at(3), password: { file: 'word' } } },
      { redis: { url: env('REDIS_ECHO') } },
      { redis: { url: env('REDIS_PORT') } },
      { redis: { ...at(1), password: env('WORD') } },
      { redis: { ...at(4), password: env('BROKEN') } },
      { redis: { ...at(1), password: { sealed: `${planted}-sealed` } } },
      { redis: { url: { sealed: `redis://${planted}user:${planted}pass@127.0.0.1:${peers[1]?.port}/3` } } },
      { postgres: { url: { sealed: address(peers[0]?.port) } } },
      { postgres: { ...at(3), password: { sealed: `${planted}-sealed` } } },
      { qdrant: { url: `http://127.0.0.1:${peers[2]?.port}`, apiKey: { sealed: `${planted}-sealed` } } },
      { redis: { nodes: [`127.0.0.1:${peers[1]?.port}`], password: { file: 'word' } } },
      { qdrant: { url: `http://127.0.0.1:${peers[2]?.port}`, apiKey: env('WORD') } },
      { qdrant: { url: `http://127.0.0.1:${peers[5]?.port}`, apiKey: { file: 'word' } } },
      { qdrant: { url: `http://127.0.0.1:${peers[2]?.port}`, apiKey: env('BROKEN') } },
    ];
  };

  test('is in nothing that is told when its provider fails, whatever the server says', async () => {
    await Promise.all(
      configs().map(async (config, at) => {
        const { data } = await ask(tried, { config });
        assert.equal((data?.testProvider as { healthy: boolean } | undefined)?.healthy, false, JSON.stringify(config));
        await ask(register, { definition: { name: `p${at}`, config } });
        await ask(planned, { definitions: [{ provider: { name: `p${at}`, config } }] });
      }),
    );
    await client.apply([
      { provider: { name: 'warehouse', config: { duckdb: {} } } },
      driver,
      { source: { ...statsSource.source, provider: 'warehouse' } } as DefinitionInput,
    ]);
    const stores = configs().flatMap((config, at) => ('qdrant' in config ? [] : [`p${at}`]));
    for (const store of stores) {
      const view = { ...statsView.featureView, name: `on_${store}`, onlineStore: store };
      await ask(
        'mutation ($definitions: [DefinitionInput!]!) { apply(definitions: $definitions) { steps { __typename } } }',
        {
          definitions: [{ featureView: view }] as DefinitionInput[],
        },
      );
      await ask('mutation ($definition: SourceInput!) { registerSource(definition: $definition) { ref } }', {
        definition: { name: `of_${store}`, provider: store, table: { name: 'rows' } },
      });
    }
    const select = { features: stores.map((store) => ({ feature: `on_${store}:trips`, alias: store })) };
    await ask(
      'query ($select: FeatureSelector!) { onlineFeatures(select: $select, keys: [{ joinKey: "driver_id", values: [1] }]) { columns { statuses } failures { provider code message } } }',
      { select },
    );
    await eventually(async () => {
      const { data } = await ask(
        '{ jobs(first: 100) { edges { node { attempts state reason log { edges { node { message } } } error { code message } } } } }',
      );
      if (data === undefined || data === null) return;
      const { edges } = data.jobs as { edges: { node: { attempts: number; state: string } }[] };
      assert.ok(edges.some(({ node }) => node.attempts > 1 || node.state === 'FAILED'));
    });
    await ask(
      '{ resources(first: 100) { edges { node { ref status } } } providers(first: 100) { edges { node { ref health { message } } } } }',
    );
    const all = told.join('\n');
    assert.ok(all.length > 5_000);
    const found = [...all.matchAll(new RegExp(`.{0,160}${planted}.{0,80}`, 'g'))].map(([text]) => text);
    assert.deepEqual(found.slice(0, 3), []);
  });

  test('goes to no host that the operator has not named for it, and names where to do so', async () => {
    const here = { host: '127.0.0.1', port: peers[1]?.port };
    const refused: [config: object, path: string, fix: RegExp][] = [
      [
        { redis: { ...here, password: env('ELSEWHERE') } },
        'config.redis.password',
        /FEATUREGRAPH_SECRET_ELSEWHERE_HOSTS/,
      ],
      [{ redis: { ...here, password: env('UNBOUND') } }, 'config.redis.password', /FEATUREGRAPH_SECRET_UNBOUND_HOSTS/],
      [{ postgres: { ...here, password: { file: 'unbound' } } }, 'config.postgres.password', /unbound\.hosts/],
      [
        { qdrant: { url: `http://127.0.0.1:${here.port}`, apiKey: env('PG_DATABASE_NONE') } },
        'config.qdrant.apiKey',
        /_HOSTS/,
      ],
      [{ redis: { host: 'localhost', password: env('PG_ECHO') } }, 'config.redis.password', /_HOSTS/],
      [
        { redis: { nodes: ['127.0.0.1:7000', 'other:7000'], password: env('WORD') } },
        'config.redis.password',
        /WORD_HOSTS/,
      ],
    ];
    for (const [config, path, fix] of refused) {
      const { errors } = await ask(register, { definition: { name: 'refused', config } });
      assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT', JSON.stringify([config, errors]));
      assert.match(JSON.stringify(errors), new RegExp(path.replaceAll('.', '\\.')));
      assert.match(JSON.stringify(errors), fix);
      const { data } = await ask(tried, { config });
      assert.match(JSON.stringify(data), /is sent to no host|is not for this host/);
    }
    for (const host of ['%2Ftmp', '/tmp', '127.0.0.1:x', 'a b', '[::1', 'h\\x']) {
      const { errors } = await ask(register, { definition: { name: 'refused', config: { postgres: { host } } } });
      assert.equal(errors?.[0]?.extensions.code, 'INVALID_INPUT', host);
      assert.match(JSON.stringify(errors), /config\.postgres\.host/);
    }
    const hosts = await ask(tried, { config: { redis: { ...here, password: env('WORD_HOSTS') } } });
    assert.equal(hosts.errors?.[0]?.extensions.code, 'INVALID_INPUT');
    for (const name of ['PORT', 'SOCKET', 'HOST']) {
      const { data } = await ask(tried, { config: { postgres: { url: env(`PG_${name}`) } } });
      assert.match(JSON.stringify(data), /holds no address of a PostgreSQL server/);
    }
  });
});
