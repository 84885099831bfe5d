import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { scheduleFindings } from '../server/cli/schedule-findings.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

type Ran = { code: number; stdout: string; stderr: string };

const main = resolve('bin/featuregraph.js');
const example = resolve('examples/orders');
const withoutTerminal =
  spawnSync('python3', ['--version']).status !== 0 && 'python3, which makes a terminal, is not on this machine';

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
  /** What a terminal shows of a command whose question is answered by one key. */
  const atTerminal = (key: string, ...words: string[]) =>
    new Promise<string>((done) => {
      const sized = ['sh', '-c', 'stty cols 80 rows 24; exec "$@"', 'sh', process.execPath, main, ...words];
      const terminal = ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', ...sized];
      const env = { ...process.env, NO_COLOR: '1', FEATUREGRAPH_URL: server.url };
      const { stdin, stdout } = execFile('python3', terminal, { cwd: home, env }, (_error, shown) => done(shown));
      let shown = '';
      stdout?.on('data', (text: string) => {
        shown += text;
        if (shown.includes('Apply this?') && stdin?.writable) stdin.end(key);
      });
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

  test('asks whoever sits at a terminal, and does nothing without a yes', { skip: withoutTerminal }, async () => {
    const refused = await atTerminal('n', 'apply');
    assert.match(refused, /Plan: 4 to create[\s\S]*Apply this\?/);
    assert.doesNotMatch(refused, /succeeded/);
    assert.deepEqual((await json('list', 'entities')).length, 0);
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
    const lines = planned.stdout.split('\n').map((one) => one.trim());
    const at = lines.findIndex((one) => /^✗ feature view customer_ways: features\[2\]: .*"last_town"/.test(one));
    assert.notEqual(at, -1, planned.stdout);
    assert.match(lines[at + 1] ?? '', /last_city/);
    assert.equal(lines[at + 2], `at wrong.ts:${line}`);
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
      /note.*\n {2}i feature service churn: features\[0\]\.feature: churn@v1 stays on customer_habits@v1:orders_30d; customer_habits@v2:orders_30d is the latest\.\n {4}Give churn another variant.*\n {4}at definitions\.ts:\d+\n/,
    );
    const text = await readFile(join(home, 'definitions.ts'), 'utf8');
    await writeFile(join(home, 'changed.ts'), text.replace("'ordered_at',", "'ordered_at',\n  ttl: '7d',"));
    const refused = await run('plan', 'changed.ts');
    assert.deepEqual(
      [refused.code, /ttl: null → "7d" {2}\(a registered variant is immutable\)/.test(refused.stdout)],
      [1, true],
    );
    assert.match(refused.stdout, /Register it as a new variant/);
    assert.match(
      refused.stdout,
      /Registered like this already, .*\n {2}changed\.ts:\d+: feature view customer_habits: variant: 'v2'\n/,
    );
    assert.match(refused.stdout, /"featuregraph apply --bump" \(feature service churn as v2\)/);
    const moved = await run('apply', 'changed.ts', '--bump', '--yes');
    assert.deepEqual(
      [moved.code, moved.stdout],
      [0, '  + feature service churn@v2\n\nPlan: 1 to create, 3 unchanged. No job will run.\n'],
    );
    assert.equal((await run('plan', 'changed.ts', '--bump')).code, 0);
    const lineOf = (words: string) =>
      text.replace("'ordered_at',", "'ordered_at',\n  ttl: '7d',").split(words)[0]?.split('\n').length;
    const [view, service] = [lineOf("'customer_habits'"), lineOf("'churn'")];
    const told = moved.stderr.slice(moved.stderr.indexOf('Write these variants'));
    assert.deepEqual(told.split('\n').slice(1, -1), [
      `  changed.ts:${view}: feature view customer_habits: variant: 'v2'`,
      `  changed.ts:${service}: feature service churn: variant: 'v2'`,
    ]);
    const written = text
      .replace("'ordered_at',", "'ordered_at',\n  ttl: '7d',\n  variant: 'v2',")
      .replace(".as('spent')]", ".as('spent')], { variant: 'v2' }");
    await writeFile(join(home, 'written.ts'), written);
    const settled = await run('plan', 'written.ts');
    assert.deepEqual([settled.code, settled.stdout], [0, 'No change: 4 definitions as registered.\n']);
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

  test('finds schedules of which nothing came', async () => {
    await server.client.apply([
      { entity: { name: 'customer', joinKeys: [{ name: 'customer_id', type: 'INT64' }] } },
      { source: { name: 'orders', files: { paths: ['orders.csv'], format: 'CSV' } } },
      {
        featureView: {
          name: 'spending',
          entity: 'customer',
          source: 'orders',
          schedule: '30 4 * * *',
          features: [{ name: 'spent_30d', type: 'FLOAT64' }],
        },
      },
    ]);
    const materialized = async () => {
      for (const { id } of await server.client.materialize(['spending'])) await server.client.jobs.wait(id);
    };
    await materialized();
    const found = async (now?: string) => {
      const findings = await scheduleFindings({ url: server.url }, now === undefined ? new Date() : new Date(now));
      return findings.map(({ what, fine, message }) => `${fine} ${what}: ${message}`);
    };
    const what = 'schedule of feature view spending@v1';
    assert.match((await found())[0] ?? '', new RegExp(`^true ${what}: .*next at .*T04:30Z$`));
    assert.deepEqual(await found('2100-01-01T04:32:00Z'), [
      `false ${what}: was due at 2099-12-31T04:30Z, and nothing was begun: does a server or a worker run ("featuregraph start")?`,
    ]);
    await rename(join(home, 'orders.csv'), join(home, 'away.csv'));
    await assert.rejects(materialized());
    await rename(join(home, 'away.csv'), join(home, 'orders.csv'));
    const [failed] = await found('2100-01-01T04:32:00Z');
    assert.match(
      failed ?? '',
      new RegExp(`^false ${what}: the run of \\S+ failed: .*orders.csv.*, next at 2100-01-02T04:30Z`),
    );
  });

  test('reads what is computed on demand, with values of the request', async () => {
    const inputs = [{ feature: 'spending:spent_30d' }];
    const features = [{ name: 'times', expression: 'spent_30d * request.factor' }];
    const request = [{ name: 'factor', type: 'FLOAT64' }];
    await server.client.apply([{ onDemandFeatureView: { name: 'scaled', inputs, request, features } }]);
    const scaled = await run('features', 'get', 'scaled:times', '--key', 'customer_id=2,1', '--request', 'factor=2,10');
    assert.match(scaled.stdout, /^ +0 +times +19\.8 +PRESENT.*\n +1 +times +612\.5 +PRESENT/m);
  });

  test('finds variables of secrets that no provider names', async () => {
    const config = { redis: { url: { env: 'FEATUREGRAPH_SECRET_LATEST_URL' } } };
    await server.client.apply([{ provider: { name: 'remote', config } }]);
    const variables = { FEATUREGRAPH_URL: server.url, FEATUREGRAPH_SECRET_LATEST_ULR: 'redis://r' };
    const { code, stdout } = await runWith(variables, 'doctor');
    assert.equal(code, 1);
    assert.match(stdout, /^✗ provider remote@v1 \(redis\): .*FEATUREGRAPH_SECRET_LATEST_URL/m);
    assert.match(
      stdout,
      /^✓ variable FEATUREGRAPH_SECRET_LATEST_ULR: no provider names it; is it meant to be FEATUREGRAPH_SECRET_LATEST_URL\?$/m,
    );
    await server.client.operations.DeleteResource({ kind: 'PROVIDER', ref: 'remote' });
  });
});
