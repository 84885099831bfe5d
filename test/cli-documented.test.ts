import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DefinitionInput } from '@featuregraph/client';
import fc from 'fast-check';
import { anyText } from './conformance/any-text.ts';
import { awkwardText } from './servers/awkward-text.ts';
import { startTestServer, type TestServer } from './servers/featuregraph.ts';

const main = resolve('bin/featuregraph.js');

async function blocksOf(page: string, language: string): Promise<string[]> {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]+?)\`\`\``, 'g'))].map(([, block = '']) => block);
}

describe('docs/cli.md and docs/definitions.md', () => {
  let home: string;
  let server: TestServer;

  const run = (words: readonly string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      const env = { ...process.env, NO_COLOR: '1', FEATUREGRAPH_URL: server.url };
      execFile(process.execPath, [main, ...words], { cwd: home, env }, (error, stdout, stderr) =>
        done({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-documented-'));
    await cp('examples/orders', home, { recursive: true });
    server = await startTestServer({ dataRoot: home });
    await server.client.apply([
      { provider: { name: 'warehouse', config: { duckdb: { threads: 1 } } } },
      { provider: { name: 'latest', config: { lmdb: {} } } },
      { provider: { name: 'neighbours', config: { usearch: {} } } },
    ]);
  });
  after(async () => {
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  });

  test('show what each command prints', async () => {
    const blocks = await blocksOf('docs/cli.md', 'console');
    const steps = blocks.flatMap((block) => block.split(/^\$ featuregraph /m).slice(1));
    assert.ok(steps.length > 6);
    for (const step of steps) {
      const [command = '', ...shown] = step.split('\n');
      const { stdout, stderr } = await run(command.split(' '));
      assert.equal(stdout, shown.join('\n'), `${command}: ${stderr}`);
    }
  });

  test('define what can be registered', async () => {
    await writeFile(join(home, 'documented.ts'), (await blocksOf('docs/definitions.md', 'ts')).join('\n'));
    await writeFile(join(home, 'gifts.csv'), 'from_id,to_id,given_at,kept\n1,2,2024-05-02T00:00:00Z,true\n');
    const dated = (await readFile(join(home, 'orders.csv'), 'utf8')).split('\n');
    const rows = dated.map((line, at) => (line === '' ? '' : `${line},${at === 0 ? 'ordered_on' : '2024-05-01'}`));
    await writeFile(join(home, 'orders.csv'), rows.join('\n'));
    for (const ref of ['churn', 'customer_habits', 'orders', 'customer']) {
      const kind = { churn: 'FEATURE_SERVICE', customer_habits: 'FEATURE_VIEW', orders: 'SOURCE' }[ref] ?? 'ENTITY';
      await server.client.operations.DeleteResource({ kind: kind as 'ENTITY', ref });
    }
    const applied = await run(['apply', 'documented.ts', '--yes']);
    assert.equal(applied.code, 0, `${applied.stdout}${applied.stderr}`);
    assert.match(applied.stdout, /Plan: 13 to create, 0 unchanged\./);
    const [row] = await Array.fromAsync(server.client.trainingSet('gifts_kept').rows());
    assert.deepEqual([row?.giver_orders_30d, row?.taker_orders_30d, row?.taker_spent_last_week], [3, 1, null]);
  });

  type Drawn = typeof world extends fc.Arbitrary<infer D> ? D : never;
  const text = fc.oneof(
    anyText({ maxLength: 12 }).filter((one) => one.isWellFormed() && !one.includes('\0')),
    awkwardText,
  );
  const described = {
    description: text,
    owner: fc.option(text, { nil: undefined }),
    tags: fc.array(fc.constantFrom('a', 'b "c"', 'd\n'), { maxLength: 3 }),
    properties: fc.uniqueArray(fc.record({ key: fc.constantFrom('k', 'l', '"'), value: text }), {
      selector: ({ key }) => key,
    }),
    deprecated: fc.option(fc.constantFrom('use another', '`x` and "y"'), { nil: undefined }),
  };
  const world = fc.record({
    entity: fc.record({
      ...described,
      types: fc.array(fc.constantFrom('INT64', 'STRING', 'DATE'), { minLength: 1, maxLength: 3 }),
    }),
    view: fc.record({
      ...described,
      ttl: fc.option(fc.constantFrom('90s', '7d'), { nil: undefined }),
      features: fc.integer({ min: 1, max: 4 }),
    }),
    feature: fc.record(described),
    as: fc.constantFrom('TABLE' as const, 'VIEW' as const),
    literal: awkwardText.map((one) => one.replaceAll(/[{}]/g, '')),
    variant: fc.constantFrom('v1', 'v2', '2024.9'),
    pinned: fc.boolean(),
  });

  test('export any registry as what then changes nothing', async () => {
    let many = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(world, { minLength: 6, maxLength: 6 }), async (drawn) => {
        await server.client.apply(drawn.flatMap((one) => definitionsOf(one, `w${many++}_`)));
        for (const file of ['all.ts', 'all.json']) {
          await run(['export', '--out', file]);
          const { code, stdout } = await run(['plan', file, '--prune']);
          assert.deepEqual([code, /^No change: \d+ definitions as registered\.\n/.test(stdout)], [0, true], stdout);
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  /** A little of everything that needs neither files nor a training set's rows. */
  function definitionsOf(drawn: Drawn, prefix: string): DefinitionInput[] {
    const { types, ...entity } = drawn.entity;
    const { features: count, ...view } = drawn.view;
    const { as, variant, pinned, literal } = drawn;
    const [name, keys] = [`${prefix}thing`, types.map((type, at) => ({ name: `key_${at}`, type }))];
    const cast = { INT64: 'bigint', STRING: 'varchar', DATE: 'date' } as const;
    const columns = keys.map((key) => `cast(null as ${cast[key.type as 'DATE']}) as ${key.name}`);
    const features = Array.from({ length: count }, (_, at) => ({ ...drawn.feature, name: `f${at}`, type: 'INT64' }));
    const values = features.map((feature) => `cast(1 as bigint) as ${feature.name}`);
    const sql = `select ${[...columns, ...values].join(', ')}, cast('2024-01-01' as timestamptz) as at, '${literal.replaceAll("'", "''")}' as said`;
    const ref = pinned ? `${name}@${variant}` : name;
    return [
      { entity: { ...entity, name, joinKeys: keys } },
      { source: { name, variant, transformation: { sql, as } } },
      {
        featureView: {
          ...view,
          name,
          variant,
          entity: name,
          source: ref,
          eventTimestamp: 'at',
          onlineStore: null,
          features,
        },
      },
      {
        label: {
          name,
          source: ref,
          value: { column: 'f0', type: 'INT64' },
          columns: ['at'],
          entities: [{ entity: name, role: 'who' }],
        },
      },
    ] as DefinitionInput[];
  }
});
