import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

type Ran = { code: number; stdout: string; stderr: string };

const main = resolve('bin/featuregraph.js');
const example = resolve('examples/orders');

/** One project and one server, which each test finds as the ones before it left them. */
describe('the command line', () => {
  let home: string;
  let server: TestServer;

  const run = (...words: string[]) => runWith({ FEATUREGRAPH_URL: server.url }, ...words);
  const runWith = (variables: Record<string, string>, ...words: string[]) =>
    new Promise<Ran>((done) => {
      const env = { ...process.env, NO_COLOR: '1', ...variables };
      execFile(process.execPath, [main, ...words], { cwd: home, env }, (error, stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      ).stdin?.end();
    });
  const json = async (...words: string[]) => JSON.parse((await run(...words, '--json')).stdout);

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-cli-'));
    await cp(example, home, { recursive: true });
    server = await startTestServer({ dataRoot: home });
    const stores = [{ duckdb: { threads: 1 } }, { lmdb: {} }, { usearch: {} }];
    const names = ['warehouse', 'latest', 'neighbours'];
    await server.client.apply(
      stores.map((config, at) => ({ provider: { name: names[at] ?? '', config: config as never } })),
    );
  });
  after(async () => {
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  });

  const created = `  + entity customer@v1
  + source orders@v1
  + feature view customer_habits@v1
  + feature service churn@v1

Plan: 4 to create, 0 unchanged. 1 job will run.
`;

  test('plans as those expect who know Terraform', async () => {
    assert.deepEqual(await run('plan'), { code: 2, stdout: created, stderr: '' });
    assert.equal((await json('plan')).steps.length, 4);
  });

  test('asks before it applies, shows the jobs, and then finds nothing to change', async () => {
    const unasked = await run('apply');
    assert.deepEqual([unasked.code, unasked.stdout], [1, created]);
    assert.match(unasked.stderr, /give --yes/);
    const applied = await run('apply', '--yes');
    assert.deepEqual([applied.code, applied.stdout], [0, created]);
    assert.equal(applied.stderr, 'materialize customer_habits@v1: succeeded, 3 rows\n');
    const again = await run('plan');
    assert.deepEqual([again.code, again.stdout], [0, 'No change: 4 definitions as registered.\n']);
  });

  test('reads what is served', async () => {
    const { stdout } = await run('features', 'get', 'churn', '--key', 'customer_id=1');
    assert.equal(
      stdout,
      `FEATURE     VALUE  STATUS   SINCE
orders_30d      4  PRESENT  2024-05-03T09:15:00Z
spent       61.25  PRESENT  2024-05-03T09:15:00Z
`,
    );
    const { columns } = await json('features', 'get', 'customer_habits:last_city', '--key', 'customer_id=1,9');
    assert.deepEqual(columns[0].values, ['Bern', null]);
    const wrong = await run('features', 'get', 'churn', '--key', 'customer');
    assert.deepEqual([wrong.code, wrong.stderr], [1, '"customer" is no key: write it as driver_id=7.\n']);
  });

  test('writes rows, which are read at once', async () => {
    const row = { customer_id: 9, ordered_at: '2024-06-01T00:00:00Z', orders_30d: 1, spent_30d: 2.5, last_city: 'Ulm' };
    await writeFile(join(home, 'rows.jsonl'), `${JSON.stringify(row)}\n`);
    assert.equal(
      (await run('push', 'customer_habits', 'rows.jsonl')).stdout,
      '1 written, 0 older than what is served.\n',
    );
    assert.match((await run('features', 'get', 'churn', '--key', 'customer_id=9')).stdout, /spent {6,}2\.5/);
  });

  test('shows what there is, and what it is made of', async () => {
    assert.match((await run('list', 'feature-views')).stdout, /^KIND .*\nfeature view {2}customer_habits@v1 {2}ready/);
    assert.deepEqual(
      (await json('search', 'churm')).map(({ ref }: { ref: string }) => ref),
      ['churn@v1'],
    );
    const { entity } = JSON.parse((await run('get', 'entity', 'customer')).stdout);
    assert.deepEqual(entity.joinKeys, [{ name: 'customer_id', type: 'INT64' }]);
    assert.match(
      (await run('describe', 'featureView', 'customer_habits')).stdout,
      /spent_30d {3}FLOAT64 {2}What these cost\./,
    );
    assert.equal(
      (await run('lineage', 'source', 'orders', '--down')).stdout,
      `source orders@v1
└─ feature view customer_habits@v1
   ├─ feature customer_habits@v1:orders_30d
   │  └─ feature service churn@v1
   ├─ feature customer_habits@v1:spent_30d
   │  └─ feature service churn@v1
   └─ feature customer_habits@v1:last_city
`,
    );
    assert.match((await run('preview', 'orders', '--limit', '1')).stdout, /^CUSTOMER_ID .*\n +1 /);
    const missing = await run('get', 'model', 'none');
    assert.deepEqual([missing.code, missing.stderr], [1, 'There is no model "none".\n']);
  });

  test('runs jobs, lists them and reads their logs', async () => {
    const ran = await run('materialize', 'customer_habits');
    assert.deepEqual([ran.code, ran.stderr], [0, 'materialize customer_habits@v1: succeeded, 3 rows\n']);
    const [{ id, state }] = await json('jobs', 'list', '--limit', '1');
    assert.equal(state, 'SUCCEEDED');
    assert.match((await run('jobs', 'logs', id)).stdout, /INFO/);
    assert.equal((await run('jobs', 'watch', id)).code, 0);
    assert.match((await run('jobs', 'cancel', id)).stderr, /ended|finished|SUCCEEDED|succeeded/);
  });

  test('exports what it then finds unchanged, in each form', async () => {
    for (const file of ['exported.ts', 'exported.json', 'exported.mjs']) {
      assert.match((await run('export', '--out', file)).stderr, /^Wrote 7 definitions/);
      const planned = await run('plan', file, '--prune');
      assert.deepEqual([planned.code, planned.stdout], [0, 'No change: 7 definitions as registered.\n'], file);
    }
  });

  test('says file and line of what is wrong', async () => {
    const text = (await readFile(join(home, 'definitions.ts'), 'utf8')).replace('last_city', 'last_town');
    await writeFile(join(home, 'wrong.ts'), text.replaceAll('customer_habits', 'customer_ways'));
    const planned = await run('plan', 'wrong.ts');
    assert.equal(planned.code, 1);
    const line = text.split('\n').findIndex((one) => one.includes("featureView('customer_")) + 1;
    assert.match(
      planned.stdout,
      new RegExp(`wrong\\.ts:${line}: feature view customer_ways: features\\[2\\].*last_town`),
    );
    await writeFile(join(home, 'broken.ts'), 'export const a = 1;\nnothing();\n');
    assert.match((await run('plan', 'broken.ts')).stderr, /broken\.ts can't be read: line 2: ReferenceError/);
  });

  test('says what differs between variants', async () => {
    const { featureView } = JSON.parse((await run('get', 'feature-view', 'customer_habits')).stdout);
    await server.client.apply([{ featureView: { ...featureView, variant: 'v2', ttl: '7d' } }]);
    const differs = await run('diff', 'feature-view', 'customer_habits@v1', 'customer_habits@v2');
    assert.deepEqual([differs.code, differs.stdout], [2, 'ttl: null → "7d"\n']);
  });

  test('tells what stays on an older variant, and moves all that was named', async () => {
    const stays = await run('plan');
    assert.equal(stays.code, 0);
    assert.match(
      stays.stdout,
      /definitions\.ts:\d+: feature service churn: features\[0\]\.feature: churn@v1 stays on customer_habits@v1:orders_30d; customer_habits@v2:orders_30d is the latest\./,
    );
    const text = await readFile(join(home, 'definitions.ts'), 'utf8');
    await writeFile(join(home, 'changed.ts'), text.replace("'ordered_at',", "'ordered_at',\n  ttl: '7d',"));
    const refused = await run('plan', 'changed.ts');
    assert.deepEqual(
      [refused.code, /ttl: null → "7d" {2}\(a registered variant is immutable\)/.test(refused.stdout)],
      [1, true],
    );
    assert.match(refused.stdout, /Register it as a new variant/);
    const moved = await run('apply', 'changed.ts', '--bump', '--yes');
    assert.deepEqual(
      [moved.code, moved.stdout],
      [0, '  + feature service churn@v2\n\nPlan: 1 to create, 3 unchanged. No job will run.\n'],
    );
    assert.equal((await run('plan', 'changed.ts', '--bump')).code, 0);
  });

  test('deletes what is no longer defined, and what is to be destroyed', async () => {
    const pruned = await run('apply', '--prune', '--yes');
    assert.match(pruned.stdout, /- feature view customer_habits@v2/);
    assert.equal(pruned.stderr, 'Deleted feature service churn@v2.\nDeleted feature view customer_habits@v2.\n');
    assert.equal((await run('destroy', '--yes')).stdout.trim().split('\n').length, 4);
    assert.equal((await run('plan')).code, 2);
  });

  test('completes commands and options', async () => {
    assert.match((await run('complete', '--', 'fea')).stdout, /^features\t/);
    assert.match((await run('complete', '--', 'plan', '--pr')).stdout, /^--prune\t/);
  });

  test('begins a project from a file', async () => {
    const begun = await run('init', 'begun', '--from', 'orders.csv');
    assert.equal(begun.code, 0, begun.stderr);
    const written = await readFile(join(home, 'begun/definitions.ts'), 'utf8');
    assert.match(written, /entity\('customer', \{ customer_id: int64\(\) \}\)/);
    assert.match(written, /eventTimestamp: 'ordered_at'/);
    assert.equal((await run('init', 'begun')).code, 1);
  });

  test('finds what is wrong, and that nobody answers', async () => {
    assert.equal((await run('doctor')).code, 0);
    const nobody = await runWith({ FEATUREGRAPH_URL: 'http://127.0.0.1:1' }, 'list');
    assert.deepEqual([nobody.code, nobody.stderr], [1, 'No server answers at http://127.0.0.1:1.\n']);
  });
});
