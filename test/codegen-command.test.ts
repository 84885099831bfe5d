import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { DefinitionInput } from '@featuregraph/client';
import { driversWorld, settleJobs, writeDriversFiles } from './servers/drivers-world.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const run = promisify(execFile);

/** What a model service has, whose team owns none of the definitions. */
const service = `import { connect } from '@featuregraph/client';
import { registry } from './registry.ts';

const client = connect({ url: process.argv[2] ?? '' });
const { services, entities, trainingSets } = registry(client);

const { trips, rating, city_now } = await services.acceptance.online({ driver_id: 1 });
const more: bigint | undefined = trips.status === 'PRESENT' ? trips.value + 1n : undefined;
const many = await services.acceptance.onlineMany([{ driver_id: 2n }, { driver_id: 9 }]);
const one = await entities.driver.get({ driverId: 1 }, { driverStats: { trips: true, city: true } });
const nobody = await entities.driver.get({ driverId: 77 }, { driverStats: { trips: true } });
const priced = await entities.driver.get({ driverId: 1 }, { driverStats: { city: true }, quote: { ratio: true } }, { request: { quote: { amount: 14, promo: null } } });
// @ts-expect-error: a quote is computed from an amount.
export const unasked = () => entities.driver.get({ driverId: 1 }, { quote: { ratio: true } });
const { ratio } = await services.quoting.online({ driver_id: 1 }, { request: { amount: 14 } });
const ratios = await services.quoting.onlineMany([{ driver_id: 2 }], { request: [{ amount: 3, promo: null }] });
const rows: (number | null)[] = [];
for await (const row of trainingSets.acceptance.rows()) rows.push(row.rating);
const text = JSON.stringify(
  [ratio.value, ratios[0]?.ratio.value, more, rating, city_now.status, many.map((served) => [served.trips.status, served.trips.value]), one, priced, nobody?.driverStats ?? null, rows],
  (_key, value) => (typeof value === 'bigint' ? \`\${value}n\` : value),
);
console.log(text);
await client.close();
`;

const quoting: DefinitionInput[] = [
  {
    onDemandFeatureView: {
      name: 'quote',
      inputs: [{ feature: 'driver_stats:trips' }],
      request: [
        { name: 'amount', type: 'FLOAT64', description: 'What is to be paid.' },
        { name: 'promo', type: 'STRING', optional: true },
      ],
      features: [{ name: 'ratio', expression: 'request.amount / double(trips) + (has(request.promo) ? 1.0 : 0.0)' }],
    },
  },
  { featureService: { name: 'quoting', features: [{ feature: 'quote:ratio' }] } },
];

/** A column, and what is said of what it is in, that no text of a program may hold as they are. */
const awkward = 'it\'s\r\n`\u0024{x}` \\ \u2028 "*/';
const awkwardly: DefinitionInput[] = [
  {
    source: {
      name: 'awkward_requests',
      transformation: {
        sql: `select *, 7::bigint as "${awkward.replaceAll('"', '""')}", 8::bigint as "__proto__" from {{ requests }}`,
      },
    },
  },
  {
    label: {
      name: 'awkward',
      source: 'awkward_requests',
      value: { column: 'accepted', type: 'BOOL' },
      timestamp: 'requested_at',
      columns: [awkward, '__proto__'],
      entities: [{ entity: 'driver' }],
    },
  },
  {
    trainingSet: {
      name: 'awkward',
      description: `${awkward} nothing();`,
      label: 'awkward',
      features: [{ feature: 'driver_stats:trips' }],
    },
  },
];

describe('featuregraph codegen', () => {
  let server: TestServer;
  let home: string;

  before(async () => {
    server = await startTestServer();
    await writeDriversFiles(server.dataRoot);
    await server.client.apply([...driversWorld, ...quoting, ...awkwardly]);
    assert.deepEqual(await settleJobs(server), []);
    home = await mkdtemp(join(tmpdir(), 'featuregraph-codegen-'));
    await mkdir(join(home, 'node_modules/@featuregraph'), { recursive: true });
    await symlink(resolve('clients/typescript'), join(home, 'node_modules/@featuregraph/client'));
    await writeFile(join(home, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(join(home, 'service.ts'), service);
  });
  after(async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function codegen(...options: string[]): Promise<{ code: number; stderr: string }> {
    const command = ['bin/featuregraph.js', 'codegen', join(home, 'registry.ts'), '--url', server.url, ...options];
    return run(process.execPath, command).then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }) => ({ code, stderr }),
    );
  }

  async function compiled(file = 'service.ts'): Promise<string> {
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--allowImportingTsExtensions',
    ];
    const types = [
      '--types',
      'node',
      '--typeRoots',
      resolve('node_modules/@types'),
      '--skipLibCheck',
      '--ignoreConfig',
    ];
    const tsc = [resolve('node_modules/typescript/bin/tsc'), ...options, ...types, join(home, file)];
    return run(process.execPath, tsc).then(
      () => '',
      ({ stdout }) => stdout,
    );
  }

  test('writes a module that a service in another repository compiles and runs with', async () => {
    assert.deepEqual(await codegen(), { code: 0, stderr: '' });
    assert.equal(await compiled(), '');
    const { stdout } = await run(process.execPath, [join(home, 'service.ts'), server.url]);
    assert.deepEqual(JSON.parse(stdout), [
      2,
      3,
      '8n',
      { status: 'PRESENT', value: 4.75, eventTimestamp: '2024-01-02T10:00:00Z' },
      'OUTSIDE_TTL',
      [
        ['PRESENT', '1n'],
        ['NOT_FOUND', null],
      ],
      { driverStats: { trips: '7n', city: 'Rome' } },
      { driverStats: { city: 'Rome' }, quote: { ratio: 2 } },
      { trips: null },
      [null, 4.5, 4.75, null, null, null],
    ]);
  });

  test('writes names and words that hold what ends lines, texts and comments as what they are', async () => {
    const text = `import { connect } from '@featuregraph/client';
import { registry } from './registry.ts';
const client = connect({ url: process.argv[2] ?? '' });
const { value: row } = await registry(client).trainingSets.awkward.rows().next();
if (!row) throw new Error('no row');
const odd: bigint | null = row[${JSON.stringify(awkward)}];
console.log(String(odd), String(row['__proto__']), typeof row['__proto__']);
await client.close();
`;
    await writeFile(join(home, 'awkward.ts'), text);
    assert.equal(await compiled('awkward.ts'), '');
    const { stdout } = await run(process.execPath, [join(home, 'awkward.ts'), server.url]);
    assert.equal(stdout, '7 8 bigint\n');
  });

  test('serves the documented example', async () => {
    const documented = await readFile('docs/model-services.md', 'utf8');
    const example = /```ts\n([\s\S]+?)```/.exec(documented)?.[1] ?? '';
    await writeFile(join(home, 'documented.ts'), example.replace('http://127.0.0.1:4000', server.url));
    assert.equal(await compiled('documented.ts'), '');
    const { stdout } = await run(process.execPath, [join(home, 'documented.ts')]);
    assert.deepEqual(stdout.split('\n').slice(0, 4), ['4.8 7n', "[ 'PRESENT', 'NOT_FOUND' ]", 'Rome', 'null true']);
  });

  test('says each type and what its owner says of it', async () => {
    const written = await readFile(join(home, 'registry.ts'), 'utf8');
    assert.match(written, /export type AcceptanceKeys = \{\n {2}driver_id: TypedValue<'INT64'>;\n\};/);
    assert.match(written, /\/\*\* Mean rating by riders\. \*\/\n {2}rating: TypedValue<'FLOAT64'>;/);
    assert.match(written, /profile: TypedValue<'VECTOR\(2, L2\)'>;/);
  });

  test('tells with --check whether anything has changed, and a rename does not compile', async () => {
    assert.deepEqual(await codegen('--check'), { code: 0, stderr: '' });
    const renamed = [
      { feature: 'driver_stats:trips', alias: 'trips_now' },
      { feature: 'driver_stats:rating' },
      { feature: 'driver_now:city', alias: 'city_now' },
    ];
    await server.client.apply([{ featureService: { name: 'acceptance', variant: 'v2', features: renamed } }]);
    const { code, stderr } = await codegen('--check');
    assert.equal(code, 1);
    assert.match(stderr, /^What is registered has changed since it wrote .*registry\.ts\. Run `featuregraph codegen /);
    assert.equal((await codegen()).code, 0);
    assert.match(await compiled(), /service\.ts\(7,\d+\): error TS2339: Property 'trips' does not exist/);
  });

  test('says that nobody answers', async () => {
    const command = ['bin/featuregraph.js', 'codegen', join(home, 'other.ts'), '--url', 'http://127.0.0.1:9'];
    await assert.rejects(run(process.execPath, command), ({ code, stderr }: { code: number; stderr: string }) => {
      assert.match(stderr, /^[^\n]+\n$/);
      return code === 1;
    });
  });
});
