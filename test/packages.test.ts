import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromiumForTests } from './servers/chromium.ts';
import { type PageServer, startPageServer } from './servers/page-server.ts';

const run = promisify(execFile);

/** What a user of the client writes; it ends with what it was answered. */
const program = `import { connect, type OnlineFeaturesQuery } from '@featuregraph/client';

const featuregraph = connect({ url: process.env['SERVER'] ?? '' });
const { jobs } = await featuregraph.apply([
  { provider: { name: 'warehouse', config: { duckdb: {} } } },
  { provider: { name: 'latest', config: { lmdb: {} } } },
  { entity: { name: 'driver', joinKeys: [{ name: 'driver_id', type: 'INT64' }] } },
  { source: { name: 'trips', files: { paths: ['trips.csv'] } } },
  { featureView: { name: 'stats', entity: 'driver', source: 'trips', features: [{ name: 'trips', type: 'INT64' }] } },
]);
for await (const { state } of featuregraph.jobs.watch({ ids: jobs.map(({ id }) => id) })) if (state === 'SUCCEEDED') break;
await featuregraph.operations.PushFeatures({ view: 'stats', rows: [{ driver_id: 7, trips: 12 }] });
const answer: OnlineFeaturesQuery['onlineFeatures'] = await featuregraph.onlineFeatures(
  { features: [{ feature: 'stats:trips' }] },
  [{ joinKey: 'driver_id', values: [7, 8] }],
);
console.log(JSON.stringify(answer.columns.map(({ values, statuses }) => [values, statuses])));
await featuregraph.close();
`;

/** What a page does, or a program on another Node, once that is registered: by HTTP and by a WebSocket. */
const reading = (url: string) => `import { connect } from '@featuregraph/client';

const featuregraph = connect({ url: ${JSON.stringify(url)} });
async function read() {
  const [job] = await featuregraph.materialize(['stats']);
  for await (const { state } of featuregraph.jobs.watch(job.id)) if (state === 'SUCCEEDED') break;
  const { columns } = await featuregraph.onlineFeatures({ features: [{ feature: 'stats:trips' }] }, { driver_id: [1, 8] });
  await featuregraph.close();
  return columns.map(({ values, statuses }) => [values, statuses]);
}
globalThis.answer = read();
`;
const answered = [
  [
    [3, null],
    ['PRESENT', 'NOT_FOUND'],
  ],
];

/**
 * Packs both into a directory. While npm packs, a manifest says what the package will: so that happens to a copy, for
 * others read that of the checkout meanwhile.
 */
async function packages(directory: string): Promise<string[]> {
  const copy = await mkdtemp(join(tmpdir(), 'featuregraph-checkout-'));
  try {
    const left = /(?:^|\/)(?:node_modules|\.git|\.featuregraph)$/;
    await cp('.', copy, { recursive: true, filter: (path) => !left.test(path) });
    await symlink(resolve('node_modules'), join(copy, 'node_modules'));
    for (const workspace of [[], ['--workspace', 'clients/typescript']])
      await run('npm', ['pack', '--pack-destination', directory, ...workspace], { cwd: copy, maxBuffer: 16 * 2 ** 20 });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  return readdir(directory);
}

const chromium = await chromiumForTests();
after(async () => {
  if ('browser' in chromium) await chromium.browser.close();
});

/** As a user has them: packed, and installed into an empty folder. */
describe('the packages', () => {
  let home: string;
  let server: { url: string; stop(): Promise<void> };
  let site: PageServer;
  let script = '';

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-packages-'));
    const packed = (await packages(home)).map((name) => `./${name}`);
    await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'someone', private: true, type: 'module' }));
    await run('npm', ['install', '--no-audit', '--no-fund', ...packed], { cwd: home });
    await writeFile(join(home, 'trips.csv'), 'driver_id,trips\n1,3\n');
    site = await startPageServer(() => script);
    server = await startInstalled(home, { FEATUREGRAPH_ALLOWED_ORIGINS: site.origin });
  });
  after(async () => {
    await server?.stop();
    await site?.close();
    await rm(home, { recursive: true, force: true });
  });

  test('hold what is compiled, and nothing that only a checkout needs', async () => {
    for (const name of ['featuregraph', '@featuregraph/client']) {
      const folder = join(home, 'node_modules', name);
      const files = await readdir(folder, { recursive: true });
      const own = files.filter((file) => !file.startsWith('node_modules'));
      assert.ok(own.includes('README.md') && own.includes('LICENSE'), name);
      assert.deepEqual(
        own.filter((file) => /(^|\/)(test|bench)\/|(?<!\.d)\.tsx?$/.test(file)),
        [],
      );
      const { scripts, devDependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      assert.deepEqual([scripts, devDependencies], [undefined, undefined]);
    }
  });

  test('say their version, and which Node they need', async () => {
    const main = join(home, 'node_modules/featuregraph/bin/featuregraph.js');
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    assert.equal((await run(process.execPath, [main, '--version'])).stdout, `${version}\n`);
    const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' });`;
    const preload = join(home, 'old.mjs');
    await writeFile(preload, old);
    await assert.rejects(run(process.execPath, ['--import', preload, main, 'dev']), {
      code: 1,
      stderr: 'featuregraph needs Node 22.12 or newer; this is 18.20.0.\n',
    });
  });

  test('serve the dashboard and the playground', async () => {
    for (const path of ['/', '/jobs', '/playground']) {
      const page = await fetch(server.url + path);
      assert.equal(page.status, 200, path);
      const text = await page.text();
      assert.match(text, /<title>featuregraph<\/title>/);
      const script = /src="([^"]+\.js)"/.exec(text)?.[1] ?? '';
      assert.equal((await fetch(server.url + script)).status, 200, script);
    }
  });

  test('register, write, watch and serve, from a program of a user, also on a Node without WebSockets', async () => {
    await writeFile(join(home, 'program.ts'), program);
    const { stdout } = await run(process.execPath, ['--no-experimental-websocket', 'program.ts'], {
      cwd: home,
      env: { ...process.env, SERVER: server.url },
    });
    assert.deepEqual(JSON.parse(stdout), [
      [
        [12, null],
        ['PRESENT', 'NOT_FOUND'],
      ],
    ]);
  });

  test('read and watch from a page of another site', { skip: 'skip' in chromium && chromium.skip }, async () => {
    if ('skip' in chromium) return;
    const stdin = { contents: reading(server.url), resolveDir: home };
    const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', platform: 'browser', write: false });
    script = outputFiles[0]?.text ?? '';
    const page = await (await chromium.browser.newContext()).newPage();
    await page.goto(site.origin);
    await page.waitForFunction('globalThis.answer');
    assert.deepEqual(await page.evaluate('globalThis.answer'), answered);
  });

  test('read and watch on the oldest Node that the client says it runs on', async () => {
    const project = join(home, 'client');
    await mkdir(project);
    await run('npm', ['init', '--yes'], { cwd: project });
    await run('npm', ['install', '--no-audit', '--no-fund', 'node@20.0.0'], { cwd: project });
    const text = `${reading(server.url)}console.log(JSON.stringify(await globalThis.answer));`;
    await writeFile(join(home, 'reading.mjs'), text);
    const { stdout } = await run(join(project, 'node_modules/.bin/node'), ['reading.mjs'], { cwd: home });
    assert.deepEqual(JSON.parse(stdout), answered);
  });

  test('begin a project from a file of rows, and serve it', async () => {
    await writeFile(
      join(home, 'orders.csv'),
      'customer_id,ordered_at,spent\n1,2024-05-01T10:00:00Z,4.5\n2,2024-05-02T10:00:00Z,7\n',
    );
    const featuregraph = (...words: string[]) =>
      run(process.execPath, [join(home, 'node_modules/featuregraph/bin/featuregraph.js'), ...words], {
        cwd: home,
        env: { ...process.env, FEATUREGRAPH_URL: server.url, NO_COLOR: '1' },
      });
    await featuregraph('init', '--from', 'orders.csv');
    assert.match((await featuregraph('apply', '--yes')).stdout, /Plan: 4 to create, 0 unchanged\. 1 job will run\./);
    const { stdout } = await featuregraph('features', 'get', 'orders', '--key', 'customer_id=2');
    assert.match(stdout, /^spent +7 {2}PRESENT {2}2024-05-02T10:00:00Z$/m);
    await featuregraph('plan');
  });

  test('run on the oldest Node that they say they run on', async () => {
    const project = join(home, 'oldest');
    await mkdir(project);
    await run('npm', ['init', '--yes'], { cwd: project });
    await run('npm', ['install', '--no-audit', '--no-fund', 'node@22.12.0'], { cwd: project });
    const featuregraph = (...words: string[]) => {
      const main = join(home, 'node_modules/featuregraph/bin/featuregraph.js');
      const env = { ...process.env, FEATUREGRAPH_URL: server.url, NO_COLOR: '1' };
      return run(join(project, 'node_modules/.bin/node'), [main, ...words], { cwd: home, env });
    };
    assert.match((await featuregraph('plan')).stdout, /No change/);
    await featuregraph('init', 'oldest', '--from', 'orders.csv');
    assert.match((await featuregraph('plan', 'oldest/definitions.mts')).stdout, /No change/);
    await run(
      join(project, 'node_modules/.bin/node'),
      ['--input-type=module', '--eval', "await import('featuregraph')"],
      { cwd: home },
    );
  });

  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    test(`have types that hold with ${moduleResolution}, strictly, libraries included`, async () => {
      const folder = join(home, `typed-${moduleResolution}`);
      await mkdir(folder);
      await writeFile(join(folder, 'program.ts'), program.replace("process.env['SERVER'] ?? ''", "''"));
      const compilerOptions = {
        module,
        moduleResolution,
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'],
        types: [],
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      const { stdout } = await run('node_modules/.bin/tsc', ['-p', folder]).catch((error) => error);
      assert.equal(stdout, '');
    });
  }

  test('cost a page at most 12 kB', async () => {
    const stdin = { contents: `export { connect } from '@featuregraph/client';`, resolveDir: home };
    const bundle = { bundle: true, minify: true, format: 'esm', platform: 'browser', write: false } as const;
    const { outputFiles } = await build({ stdin, ...bundle });
    const bytes = gzipSync(outputFiles[0]?.contents ?? new Uint8Array(20_000)).length;
    assert.ok(bytes <= 12_000, `${bytes} bytes`);
  });
});

async function startInstalled(
  home: string,
  variables: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const main = join(home, 'node_modules/featuregraph/bin/featuregraph.js');
  const child = spawn(process.execPath, [main, 'dev'], {
    cwd: home,
    env: { ...process.env, ...variables, FEATUREGRAPH_PORT: '0', FEATUREGRAPH_DATA_DIRECTORY: join(home, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk;
        const address = /answers at (\S+)\/graphql/.exec(said)?.[1];
        if (address !== undefined) resolve(address);
      });
    exited.then(() => reject(new Error(`the server ended: ${said}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { url, stop };
}
