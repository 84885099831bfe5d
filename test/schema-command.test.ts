import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { driversWorld, writeDriversFiles } from './servers/drivers-world.ts';
import { eventually } from './servers/eventually.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

type Ended = { code: number; stdout: string; stderr: string };

describe('featuregraph schema', () => {
  let server: TestServer;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-schema-'));
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    await server.client.apply(driversWorld);
    await eventually(async () => assert.match((await schema('--subgraph')).stdout, /type Driver /));
  });
  after(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function schema(...options: string[]): Promise<Ended> {
    const command = ['bin/featuregraph.js', 'schema', '--url', server.url, ...options];
    return new Promise((resolve) => {
      execFile(process.execPath, command, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  async function earlier(change: (sdl: string) => string): Promise<string> {
    const file = join(directory, 'earlier.graphql');
    await writeFile(file, change((await schema('--subgraph')).stdout));
    return file;
  }

  test('prints the subgraph, or the full graph', async () => {
    const { stdout, code } = await schema('--subgraph');
    assert.equal(code, 0);
    assert.match(stdout, /^extend schema\s+@link\(url: "https:\/\/specs\.apollo\.dev\/federation/);
    assert.match(stdout, /type Driver @key\(fields: "driverId"\)/);
    assert.doesNotMatch(stdout, /type (Query|Mutation|Provider) |_entities|_Service/);
    assert.match((await schema('--subgraph', '--federation', '2.12')).stdout, /federation\/v2\.12"/);
    assert.match((await schema('--federation', '2.5')).stderr, /Allowed choices are 2.3, 2.9, 2.12/);
    const full = (await schema()).stdout;
    assert.match(full, /type Driver @key/);
    assert.match(full, /type Mutation /);
  });

  test('ends with 0 where nothing breaks clients, and says what changed', async () => {
    assert.deepEqual(await schema('--subgraph', '--check', await earlier((sdl) => sdl)), {
      code: 0,
      stdout: '0 of 0 changes break clients.\n',
      stderr: '',
    });
    const without = await earlier((sdl) => sdl.replace(/\n {2}"""Mean rating by riders\."""\n {2}rating: Float/, ''));
    const added = await schema('--subgraph', '--check', without);
    assert.equal(added.code, 0);
    assert.match(added.stdout, /^ +Field 'rating' was added to object type 'DriverDriverStats'\n.*\n0 of 2 changes/);
  });

  test('ends with 1 where a field is gone or of another type, unless it was deprecated', async () => {
    const gone = await earlier((sdl) => sdl.replace('  rating: Float', '  rating: Float\n  speed: Float'));
    const check = await schema('--subgraph', '--check', gone);
    assert.equal(check.code, 1);
    assert.match(check.stdout, /^BREAKING {2}Field 'speed' was removed from object type 'DriverDriverStats'\n1 of 1/);
    const mistyped = await earlier((sdl) => sdl.replace('  rating: Float', '  rating: String'));
    assert.equal((await schema('--subgraph', '--check', mistyped)).code, 1);
    const { client } = server;
    const hide = (inaccessible: boolean) =>
      client.operations.UpdateResource({ kind: 'FEATURE', ref: 'driver_stats:city', patch: { inaccessible } });
    const shown = await earlier((sdl) => sdl);
    await hide(true);
    await eventually(async () => assert.match((await schema('--subgraph')).stdout, /city: String @inaccessible/));
    const hidden = await schema('--subgraph', '--check', shown);
    assert.equal(hidden.code, 1);
    assert.match(hidden.stdout, /^BREAKING {2}Field 'DriverDriverStats\.city' is hidden/);
    await hide(false);
    await eventually(async () => assert.doesNotMatch((await schema('--subgraph')).stdout, /@inaccessible/));
    const told = await earlier((sdl) =>
      sdl.replace('  rating: Float', '  rating: Float\n  speed: Float @deprecated(reason: "Use rating.")'),
    );
    assert.equal((await schema('--subgraph', '--check', told)).code, 0);
  });

  test('ends with 2, and says why, where it can not tell', async () => {
    const refused = await schema('--subgraph', '--check', join(directory, 'none.graphql'));
    assert.deepEqual(
      [refused.code, refused.stderr],
      [2, `There is no file ${join(directory, 'none.graphql')} that can be read.\n`],
    );
    const unread = await schema('--subgraph', '--check', await earlier(() => 'type {'));
    assert.equal(unread.code, 2);
    assert.match(unread.stderr, /the earlier schema can't be read: Syntax Error/);
    const nobody = await schema('--url', 'http://127.0.0.1:9');
    assert.deepEqual([nobody.code, nobody.stderr], [2, 'No server answers.\n']);
    const stranger = await schema('--url', `${server.url}/runs`);
    assert.equal(stranger.code, 2);
  });
});
