import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';

/** A file of tests, and what a run of it must say: in its last line, and of how the file did not run whole. */
type Case = { what: string; file: string; says: string | RegExp; fault?: RegExp; variables?: Record<string, string> };

const passing = `test('passes', () => {});`;
const failing = `test('fails', () => assert.fail());`;
const soon = 'await new Promise((resolve) => setTimeout(resolve, 20));';
const twoSeconds = { FEATUREGRAPH_TEST_FILE_MINUTES: '0.033' };
/** How far a file comes in two seconds depends on the machine. */
const failed = /^0 passed, [12] failed, 0 skipped$/;

const cases: Case[] = [
  {
    what: 'counts tests, not suites',
    file: `describe('a', () => { ${passing} });`,
    says: '1 passed, 0 failed, 0 skipped',
  },
  { what: 'counts tests that fail', file: `${passing} ${failing}`, says: '1 passed, 1 failed, 0 skipped' },
  {
    what: 'counts what is skipped, whole suites too',
    file: `describe('a', { skip: 'no server' }, () => {}); test('b', { skip: true }, () => {}); ${passing}`,
    says: '1 passed, 0 failed, 2 skipped',
  },
  {
    what: 'a skip in CI',
    file: `describe('a', { skip: 'no server' }, () => { ${passing} }); ${passing}`,
    says: '0 passed, 3 failed, 0 skipped',
    fault: /“a” was skipped: no server/,
    variables: { CI: 'true' },
  },
  { what: 'an empty file', file: '', says: '0 passed, 1 failed, 0 skipped', fault: /it has no tests/ },
  {
    what: 'a suite without tests',
    file: `describe('a', () => {}); ${passing}`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /the suite “a” has no tests/,
  },
  {
    what: 'a file that can not be read',
    file: `import { nothing } from 'node:test'; ${passing}`,
    says: '0 passed, 1 failed, 0 skipped',
    fault: /ended with code 1/,
  },
  {
    what: 'suites that are never reached',
    file: `${passing} ${soon} throw new Error('a server did not start'); describe('a', () => { ${passing} });`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /ended with code 1/,
  },
  {
    what: 'suites that are waited for in vain',
    file: `${passing} await new Promise(() => {}); describe('a', () => { ${passing} });`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /ended with code 13/,
  },
  {
    what: 'suites that are declared when others are done',
    file: `${passing} ${soon} describe('late', () => { ${passing} });`,
    says: '0 passed, 3 failed, 0 skipped',
    fault: /“late” was declared when others had ended/,
  },
  {
    what: 'an error after the tests',
    file: `${passing} setTimeout(() => { throw new Error('late'); }, 20);`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /ended with code 1/,
  },
  {
    what: 'a process that says nothing of its end',
    file: `${passing} test('ends all', () => process.exit(0)); ${passing}`,
    says: '0 passed, 1 failed, 0 skipped',
    fault: /it has no tests, or its process ended before they did/,
  },
  {
    what: 'a process that crashes',
    file: `${passing} process.on('exit', () => process.kill(process.pid, 'SIGKILL'));`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /ended with SIGKILL/,
  },
  {
    what: 'a hook before that fails',
    file: `describe('a', () => { before(() => assert.fail('no server')); ${passing} });`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /the suite “a” failed by itself: no server/,
  },
  {
    what: 'a hook after that fails',
    file: `describe('a', () => { after(() => assert.fail('no farewell')); ${passing} });`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /the suite “a” failed by itself: no farewell/,
  },
  {
    what: 'a hook of the file that fails',
    file: `after(() => assert.fail('no farewell')); ${passing}`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /a hook of the file failed: no farewell/,
  },
  {
    what: 'a suite whose body fails',
    file: `describe('a', () => { ${passing} throw new Error('no cases'); });`,
    says: '0 passed, 2 failed, 0 skipped',
    fault: /the suite “a” failed by itself: no cases/,
  },
  {
    what: 'a process that ends well, but before its tests',
    file: `test('ends all', async () => { ${soon} process.exit(0); }); describe('a', () => { ${passing} });`,
    says: '0 passed, 1 failed, 0 skipped',
    fault: /“ends all” did not end.*“a” did not end/s,
  },
  {
    what: 'a test that hangs',
    file: `test('hangs', () => new Promise((resolve) => setTimeout(resolve, 1e6)));`,
    says: failed,
    fault: /it did not end in time/,
    variables: twoSeconds,
  },
  {
    what: 'a server that is left open',
    file: `${passing} setInterval(() => {}, 1_000);`,
    says: failed,
    fault: /it did not end in time/,
    variables: twoSeconds,
  },
];

describe('the runner of the tests', { concurrency: 2 }, () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'featuregraph-runner-'));
  });
  after(() => rm(directory, { recursive: true }));

  for (const [at, { what, file, says, fault, variables }] of cases.entries()) {
    test(`${fault === undefined ? '' : 'fails, for '}${what}`, async () => {
      const path = join(directory, `${at}.test.mjs`);
      const head = `import assert from 'node:assert/strict';\nimport { after, before, describe, test } from 'node:test';\n`;
      await writeFile(path, head + file);
      const { output, code } = await runTests([path], variables);
      const last = output.trimEnd().split('\n').at(-1) ?? '';
      if (typeof says === 'string') assert.equal(last, says);
      else assert.match(last, says);
      assert.equal(code, / 0 failed/.test(last) ? 0 : 1);
      if (fault === undefined) assert.doesNotMatch(output, /did not run whole/);
      else assert.match(output.slice(output.indexOf('did not run whole')), fault);
    });
  }

  test('sums files up, and a whole one does not hide one that is not', async () => {
    const [whole, broken] = [join(directory, 'whole.test.mjs'), join(directory, 'broken.test.mjs')];
    await writeFile(whole, `import { test } from 'node:test'; ${passing}`);
    await writeFile(broken, '');
    const { output, code } = await runTests([whole, broken]);
    assert.match(
      output,
      /broken\.test\.mjs did not run whole:\n {2}it has no tests.*\n\n1 passed, 1 failed, 0 skipped\n$/,
    );
    assert.equal(code, 1);
  });

  test('fails where nothing was run', async () => {
    assert.equal((await runTests([join(directory, 'nowhere.test.mjs')])).code, 1);
  });
});

/** As `npm test` does it, and not as a part of this run. */
async function runTests(files: string[], variables: Record<string, string> = {}) {
  const { NODE_TEST_CONTEXT: _, CI: __, ...env } = process.env;
  const child = spawn(process.execPath, ['test/run.ts', ...files], {
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { output, code };
}
