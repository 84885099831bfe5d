import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { readConfiguration } from '../src/config/configuration.ts';
import { readSealingKeys, Sealing } from '../src/stores/sealing.ts';
import { openSealing } from '../src/stores/sealing-keys.ts';
import { eventually } from './servers/eventually.ts';
import { type Answer, startTestServer, type TestServer } from './servers/featuregraph.ts';
import { postgresForTests } from './servers/postgres.ts';
import { redisForTests } from './servers/redis.ts';

const run = promisify(execFile);
const postgres = await postgresForTests();
const redis = await redisForTests();
const skip = 'skip' in postgres ? postgres.skip : 'skip' in redis ? redis.skip : false;

const [earlier, later] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const word = 'v3ry-s3cret';

const register = `mutation ($definition: ProviderInput!) {
  registerProvider(definition: $definition) { ref health { healthy message } }
}`;
const planned = `query ($definitions: [DefinitionInput!]!) {
  plan(definitions: $definitions) { steps { action changes { path before after inPlace } } issues { path message fix } }
}`;
const health = '{ provider(ref: "online") { health { healthy message } } }';

describe('sealed secrets', { skip }, () => {
  let server: TestServer;
  let database: pg.Client;
  let port: number;
  let at: Record<string, unknown>;

  const start = (keys?: string) => {
    assert.ok('url' in postgres);
    const variables = { DATABASE_URL: postgres.url, FEATUREGRAPH_PROJECT: 'sealed' };
    return startTestServer({
      worker: false,
      variables: { ...variables, ...(keys !== undefined && { FEATUREGRAPH_SEALING_KEYS: keys }) },
    });
  };

  before(async () => {
    assert.ok('url' in postgres && 'startServer' in redis);
    database = new pg.Client(postgres.url);
    await database.connect();
    ({ port } = await redis.startServer({ requirepass: word }));
    at = { host: '127.0.0.1', port };
    server = await start(earlier);
  });
  after(async () => {
    await server.stop();
    await database.end();
    if ('startServer' in redis) await redis.stop();
    if ('stop' in postgres) await postgres.stop();
  });

  const online = (config: object) => ({ name: 'online', config: { redis: config } });
  const sealed = (secret: string) => ({ ...at, password: { sealed: secret } });
  const plan = async (config: object) => {
    const { data, errors } = await server.graphql(planned, { definitions: [{ provider: online(config) }] });
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data.plan as {
      steps: { action: string; changes: { path: string; before: unknown; after: unknown }[] }[];
      issues: { path: string; message: string }[];
    };
  };
  const kept = async () => {
    const { rows } = await database.query('select definition from sealed.resource where name = $1', ['online']);
    return (rows[0] as { definition: { config: { redis: { password: { sealed: string } } } } }).definition.config.redis
      .password.sealed;
  };
  const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code;

  test('is used by its provider, and lies nowhere in the registry as it was given', async () => {
    const { data, errors } = await server.graphql(register, { definition: online(sealed(word)) });
    assert.deepEqual(errors ?? data, {
      registerProvider: { ref: 'online@v1', health: { healthy: true, message: null } },
    });
    assert.match(await kept(), /^v1\.[0-9a-f]{8}\.[\w-]+$/);
    const { rows } = await database.query<{ name: string }>(
      "select table_schema || '.' || table_name as name from information_schema.tables where table_schema like 'sealed%' and table_type = 'BASE TABLE'",
    );
    assert.ok(rows.length > 10);
    for (const { name } of rows) {
      const found = await database.query(`select 1 from ${name} as t where t::text like $1`, [`%${word}%`]);
      assert.equal(found.rowCount, 0, name);
    }
    const tried = await server.graphql(
      'mutation ($d: ProviderInput!) { testProvider(definition: $d) { healthy message } }',
      { d: { ...online(sealed(word)), name: 'tried' } },
    );
    assert.deepEqual(tried.data.testProvider, { healthy: true, message: null });
  });

  test('that is equal is no change; another is one, of which nothing is told but that', async () => {
    assert.deepEqual((await plan(sealed(word))).steps, [{ action: 'UNCHANGED', changes: [] }]);
    assert.deepEqual((await plan({ ...at, password: { kept: true } })).steps, [{ action: 'UNCHANGED', changes: [] }]);
    assert.deepEqual((await plan(sealed('another'))).steps, [
      {
        action: 'UPDATE',
        changes: [{ path: 'config.redis.password.sealed', before: '…', after: '…', inPlace: true }],
      },
    ]);
    const written = await server.graphql('{ provider(ref: "online") { definition } }');
    const { provider } = (written.data.provider as { definition: { provider: { config: { redis: unknown } } } })
      .definition;
    assert.deepEqual(provider.config.redis, { ...at, password: { kept: true } });
    assert.equal((await plan(provider.config.redis as object)).steps[0]?.action, 'UNCHANGED');
    const { steps } = await plan({ ...at, password: { env: 'FEATUREGRAPH_SECRET_X' } });
    assert.doesNotMatch(JSON.stringify(steps), /v1\./);
    const before = await kept();
    const update = 'mutation { updateResource(kind: PROVIDER, ref: "online", patch: { owner: "me" }) { owner } }';
    assert.deepEqual((await server.graphql(update)).data, { updateResource: { owner: 'me' } });
    assert.equal(await kept(), before);
    assert.deepEqual((await server.graphql(health)).data, { provider: { health: { healthy: true, message: null } } });
  });

  test('goes to no other address: it has to be given again', async () => {
    for (const elsewhere of [{ host: 'localhost' }, { port: port + 1 }, { tls: 'REQUIRE' }]) {
      const { issues } = await plan({ ...at, ...elsewhere, password: { kept: true } });
      assert.deepEqual(
        issues.map(({ path, message }) => [path, message]),
        [['definitions[0].config.redis.password', 'was sealed for another address than this']],
      );
    }
    assert.equal((await plan({ ...at, timeoutSeconds: 3, password: { kept: true } })).steps[0]?.action, 'UPDATE');
    const other = await server.graphql(register, {
      definition: { name: 'other', config: { redis: { ...at, password: { kept: true } } } },
    });
    assert.equal(codeOf(other), 'INVALID_INPUT');
    // Moved in the registry itself, it does not open.
    const moved =
      'update sealed.resource set definition = jsonb_set(definition, $1, $2), revision = revision + 1 where name = $3';
    await database.query(moved, [['config', 'redis', 'host'], '"localhost"', 'online']);
    await server.process.application.registry.refresh();
    const { data } = await server.graphql(health);
    assert.match(JSON.stringify(data), /was sealed for another provider or another address/);
    await database.query(moved, [['config', 'redis', 'host'], '"127.0.0.1"', 'online']);
    await server.process.application.registry.refresh();
    await eventually(async () =>
      assert.deepEqual((await server.graphql(health)).data, { provider: { health: { healthy: true, message: null } } }),
    );
  });

  test('is not repeated by a refusal of what it was given in', async () => {
    for (const password of [
      { sealed: word, env: 'X' },
      word,
      { seald: word },
      { sealed: [word] },
      { sealed: { a: word } },
    ]) {
      for (const config of [{ redis: { ...at, password } }, { redis: { ...at, pasword: password } }]) {
        const { errors } = await server.graphql(register, { definition: { name: 'wrong', config } });
        assert.match(errors?.[0]?.extensions.code ?? '', /^(BAD_USER_INPUT|INVALID_INPUT)$/, JSON.stringify(errors));
        assert.doesNotMatch(JSON.stringify(errors), new RegExp(word), JSON.stringify(config));
      }
    }
    const literal = await server.graphql(
      `mutation { registerProvider(definition: { name: "x", config: { redis: { host: "h", password: { sealed: "${word}", env: "X" } } } }) { ref } }`,
    );
    assert.doesNotMatch(JSON.stringify(literal), new RegExp(word));
    const file = await server.graphql(register, { definition: online({ ...at, password: { file: 'sealing-keys' } }) });
    assert.equal(codeOf(file), 'INVALID_INPUT');
  });

  test('is sealed anew by a new key, while servers of either answer; without its key it says which is missing', async () => {
    const both = await start(`${later}, ${earlier}`);
    const asked = (one: TestServer) => one.graphql(health);
    try {
      assert.deepEqual((await asked(both)).data, { provider: { health: { healthy: true, message: null } } });
      const before = await kept();
      const command = ['bin/featuregraph.js', 'secrets', 'reseal', '--url', both.url];
      assert.match((await run(process.execPath, command)).stdout, /^1 providers/);
      assert.notEqual((await kept()).split('.')[1], before.split('.')[1]);
      assert.deepEqual((await asked(both)).data, { provider: { health: { healthy: true, message: null } } });
      assert.match((await run(process.execPath, command)).stdout, /^0 providers/);
      const id = (await kept()).split('.')[1];
      // The server that was not started anew has the earlier key alone.
      await eventually(async () =>
        assert.match(JSON.stringify((await asked(server)).data), new RegExp(`sealed with the key ${id}`)),
      );
    } finally {
      await both.stop();
    }
    const none = await start();
    try {
      const { errors } = await none.graphql(register, { definition: online(sealed(word)) });
      assert.match(JSON.stringify(errors), /FEATUREGRAPH_SEALING_KEYS/);
      assert.equal(codeOf(await none.graphql('mutation { resealSecrets { resealed } }')), 'INVALID_INPUT');
      await assert.rejects(
        none.process.application.stores.online(
          none.process.application.registry.get('PROVIDER', 'online').definition,
          'online@v1',
        ),
        { code: 'UNAVAILABLE', retryable: true },
      );
    } finally {
      await none.stop();
    }
  });

  test('needs keys of 32 bytes in Base64, told by their place', async () => {
    const refused = (keys: string) => () => readConfiguration({ FEATUREGRAPH_SEALING_KEYS: keys });
    assert.throws(refused(`${earlier},x`), /FEATUREGRAPH_SEALING_KEYS key 2 has 0 bytes and must have 32/);
    assert.throws(refused(`${earlier},${'a'.repeat(20)}`), /key 2 has 15 bytes/);
    assert.throws(refused('ü'), /the key is not written in Base64/);
    const directory = join(server.dataRoot, 'keys');
    await mkdir(directory);
    assert.equal((await openSealing('p', { sealingKeys: undefined, directory })).canSeal, false);
    await writeFile(join(directory, 'sealing-keys'), `${later}\n${earlier}\n`);
    const place = { provider: { name: 'n', variant: 'v1' }, config: {}, path: 'p' };
    const opened = await openSealing('p', { sealingKeys: undefined, directory });
    assert.equal(new Sealing('p', readSealingKeys(later) as Buffer[]).open(opened.seal('x', place), place), 'x');
    const sealed = opened.seal('x', place);
    const elsewhere = [
      ['another project', 'q', place],
      ['another provider', 'p', { ...place, provider: { name: 'm', variant: 'v1' } }],
      ['another variant', 'p', { ...place, provider: { name: 'n', variant: 'v2' } }],
      ['another field', 'p', { ...place, path: 'q' }],
    ] as const;
    for (const [where, project, wrong] of elsewhere) {
      const sealing = new Sealing(project, readSealingKeys(later) as Buffer[]);
      assert.throws(() => sealing.open(sealed, wrong), { code: 'INVALID_INPUT' }, where);
    }
    await writeFile(join(directory, 'sealing-keys'), 'nothing');
    await assert.rejects(
      openSealing('p', { sealingKeys: undefined, directory }),
      /sealing-keys of the secrets directory is not valid/,
    );
  });
});
