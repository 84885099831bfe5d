import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { schema } from '../schema/schema.ts';
import { misshapenIssue, shapesOf } from '../server/cli/misshapen.ts';
import { driver, providers, settleJobs, startDriversServer } from './servers/drivers-world.ts';
import type { TestServer } from './servers/featuregraph.ts';

const shapes = shapesOf(schema);

/** What a user has written wrongly is told by where he has written it. */
describe('what the command line says of what is wrong', () => {
  let home: string;
  let server: TestServer;

  const run = (...words: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      const env = { ...process.env, NO_COLOR: '1', FEATUREGRAPH_URL: server.url };
      execFile(
        process.execPath,
        [resolve('bin/featuregraph.js'), ...words],
        { cwd: home, env },
        (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }),
      ).stdin?.end();
    });

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-cli-errors-'));
    server = await startDriversServer();
    await settleJobs(server);
  });
  after(async () => {
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  });

  for (const words of [
    ['list'],
    ['list', '--json'],
    ['export'],
    ['schema'],
    ['jobs', 'list'],
    ['plan', 'all.json', '--json'],
  ])
    test(`does not fail where nobody reads what ${words.join(' ')} prints`, async () => {
      await writeFile(join(home, 'all.json'), JSON.stringify(await server.client.export()));
      const env = { ...process.env, NO_COLOR: '1', FEATUREGRAPH_URL: server.url };
      const child = spawn(process.execPath, [resolve('bin/featuregraph.js'), ...words], { cwd: home, env });
      child.stdout.destroy();
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      assert.deepEqual([code, said], [0, '']);
    });

  test('destroys what nothing else uses, and says by what the rest is', async () => {
    await writeFile(join(home, 'few.json'), JSON.stringify([driver, ...providers.slice(0, 1)]));
    const destroyed = await run('destroy', 'few.json', '--yes');
    assert.deepEqual([destroyed.code, destroyed.stdout], [0, 'There is nothing to delete.\n']);
    assert.match(destroyed.stderr, /^Kept entity driver@v1: used by \S+( \S+)? \S+ and \d+ more\.$/m);
    assert.match(destroyed.stderr, /^Kept provider warehouse@v1: used by /m);
  });

  const written = (definition: object) => writeFile(join(home, 'a.json'), `[\n${JSON.stringify(definition)}\n]`);
  const view = { name: 'ways', entity: 'driver', source: 'stats', features: [{ name: 'trips', type: 'INT64' }] };

  test('of a definition of the wrong shape, by its name, its field and its line', async () => {
    for (const [wrong, told] of [
      [
        { featureView: { ...view, eventId: 'x' } },
        '✗ feature view ways: eventId: is "x", and must be an object\n    Write { column: …, type: … }.\n    at a.json:2\n',
      ],
      [
        { featureView: { ...view, ttll: '7d' } },
        '✗ feature view ways: has no field "ttll"\n    Did you mean "ttl"?\n    at a.json:2\n',
      ],
      [
        { featureView: { ...view, features: [{ name: 'trips', type: 3 }] } },
        '✗ feature view ways: features[0].type: is 3, and must be text\n    at a.json:2\n',
      ],
      [
        { source: { name: 'rows', transformation: { sql: 'select 1', as: 'VIEWS' } } },
        '✗ source rows: transformation.as: "VIEWS" is no value of it\n    Did you mean "VIEW"?\n    at a.json:2\n',
      ],
      [
        { provider: { name: 'cache', config: { redis: { url: 'redis://:word@cache' } } } },
        '✗ provider cache: config.redis.url: is something that is not repeated here, since a secret may be in it, and must be an object\n    Write { env: … } or { file: … } or { kept: … } or { sealed: … }.\n    at a.json:2\n',
      ],
      [
        { entity: { name: 'thing' } },
        '✗ entity thing: lacks "joinKeys"\n    Add it: a list is wanted.\n    at a.json:2\n',
      ],
    ] as const) {
      await written(wrong);
      for (const words of [['plan'], ['apply', '--yes']]) {
        const { code, stderr } = await run(...words, 'a.json');
        assert.deepEqual([code, stderr], [1, `What was given is not valid.\n\n  ${told}`]);
      }
    }
  });

  test('of rows that are pushed, by their lines', async () => {
    const push = async (text: string) => {
      await writeFile(join(home, 'rows.jsonl'), text);
      return (await run('push', 'driver_stats', 'rows.jsonl')).stderr;
    };
    assert.match(
      await push('\n{"driver_id": "many"}\n'),
      /^ {2}✗ driver_id: must be a whole number.*\n {4}at rows\.jsonl:2$/m,
    );
    assert.match(await push('{}\n5'), /^ {2}✗ the row: is 5, and must be an object\n {4}at rows\.jsonl:2$/m);
    assert.match(await push('[{}, "x"]'), /is "x", and must be an object\n {4}at rows\.jsonl, row 2$/m);
    const nothing = await push('{}\nnull\n');
    assert.match(
      nothing,
      /^ {2}✗ the row: is null, and must be an object\n {4}Write \{ "column": value, … \}, or take it out\.\n {4}at rows\.jsonl:2$/m,
    );
    assert.doesNotMatch(nothing, /JSONObject/);
    assert.match(await push('[{}, null]'), /✗ the row: is null, .*\n.*\n {4}at rows\.jsonl, row 2$/m);
    assert.match(await push('{}\nx'), /^rows\.jsonl:2 is no JSON: .* each row in a line of its own\.\n$/);
    assert.equal((await run('push', 'driver_stats', 'none.jsonl')).stderr, 'none.jsonl: there is no such file.\n');
  });

  test('of an API key that no header can hold, which is not repeated', async () => {
    for (const key of ['fg_1\nsecret', 'fg_1_ключ'])
      for (const words of [['list'], ['doctor'], ['documents', 'list']]) {
        const { code, stdout, stderr } = await run(...words, '--api-key', key);
        const told = `${stdout}${stderr}`;
        assert.equal(code, 1, told);
        assert.match(
          told,
          /What was given is no API key\.\n\n {2}✗ --api-key: holds a line break, .*\n {4}Give it in one/,
        );
        assert.doesNotMatch(told, /No server answers|secret|ключ/);
      }
  });

  test('of keys, features, vectors and numbers, by what was given, and each once', async () => {
    const key = await run('features', 'get', 'acceptance', '--key', 'diver_id=1');
    assert.equal(key.stderr.match(/✗ --key diver_id=1: "diver_id" is not a key/g)?.length, 1, key.stderr);
    assert.match(
      key.stderr,
      /✗ --key: has no "driver_id".*\n {4}Add --key driver\.driver_id=… with a value of type INT64\.\n/,
    );
    assert.match((await run('features', 'get', 'acceptance', '--key', 'driver.driver_id=1')).stdout, /^trips +7 /m);
    assert.match((await run('features', 'get', 'driver_stats:x', '--key', 'driver_id=1')).stderr, /✗ driver_stats:x: /);
    const vector = await run('nearest', 'driver_profile:profile', '--vector', '1,b');
    assert.match(vector.stderr, /--vector.*'1,b' is invalid\. It must be numbers/);
    assert.match(
      (await run('preview', 'stats', '--limit', 'x')).stderr,
      /--limit.*'x' is invalid\. It must be a whole/,
    );
    assert.match(
      (await run('get', 'featur', 'x')).stderr,
      /^"featur" is no kind of definition\. It is one of provider, /,
    );
    const split = await run('training-set', 'head', 'x', '--split', 'half');
    assert.match(split.stderr, /✗ --split: "HALF" is no value of it\n {4}It is one of TEST, TRAIN, VALIDATION\./);
    const nowhere = await run('list', '--url', 'nowhere');
    assert.match(nowhere.stderr, /^"nowhere" is no address.*\n\n {2}✗ --url: must begin with http/);
    const from = await run('materialize', 'driver_stats', '--from', 'yesterday');
    assert.match(from.stderr, /✗ --from: is "yesterday", and must be an instant/);
  });

  test('of every way in which GraphQL refuses a variable', () => {
    const at = (message: string) => misshapenIssue(message, shapes);
    const variable = 'Variable "$definitions" got invalid value';
    assert.deepEqual(
      at(`${variable} {  } at "definitions[1].source"; Field "name" of required type "String!" was not provided.`),
      {
        path: 'definitions[1].source',
        message: 'lacks "name"',
        fix: 'Add it: text is wanted.',
      },
    );
    assert.deepEqual(
      at('Variable "$to" got invalid value {  }; Exactly one key must be specified for OneOf type "NearestTarget".'),
      {
        path: 'to',
        message: 'must have exactly one of its fields',
        fix: `Its fields are ${shapes('NearestTarget').names.join(', ')}.`,
      },
    );
    assert.equal(shapes('NearestTarget').names.length, 2);
    assert.deepEqual(at('Variable "$rows" of required type "[JSONObject!]!" was not provided.'), {
      path: 'rows',
      message: 'is missing: a list is wanted',
    });
    assert.deepEqual(at(`${variable} "a; b at \\"x\\"; c" at "definitions[0].model.name"; It is odd.`), {
      path: 'definitions[0].model.name',
      message: '"a; b at \\"x\\"; c": It is odd.',
    });
    for (const [type, message, fix] of [
      ['JSONObject!', 'is null, and must be an object', 'Write { "column": value, … }, or take it out.'],
      ['String!', 'is null, and must be text', 'Write one, or take it out.'],
      [
        'ResourceKind!',
        'is null, and must be a ResourceKind',
        `It is one of ${shapes('ResourceKind').names.join(', ')}.`,
      ],
    ] as const)
      assert.deepEqual(
        at(`${variable} null at "definitions[0]"; Expected non-nullable type "${type}" not to be null.`),
        {
          path: 'definitions[0]',
          message,
          fix,
        },
      );
    assert.equal(at('There is no view.'), undefined);
  });
});
