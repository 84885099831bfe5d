import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from './servers/eventually.ts';
import { freePort } from './servers/free-port.ts';

const main = resolve('bin/featuregraph.js');
const page = await readFile('docs/quickstart.md', 'utf8');
const blocks = [...page.matchAll(/```(\w+)\n([\s\S]+?)```/g)].map(([, language, text]) => ({
  language,
  text: text ?? '',
}));
const [csv, install, init, dev, reading, query, ...others] = blocks;

describe('docs/quickstart.md', () => {
  let home: string;
  let port: number;
  let server: ChildProcess;
  let told = '';

  const environment = () => ({ ...process.env, NO_COLOR: '1', FEATUREGRAPH_PORT: String(port) });
  const words = (command: string) => [main, ...command.trim().split(' ').slice(2)];
  const run = (command: string) =>
    new Promise<string>((done) => {
      execFile(process.execPath, words(command), { cwd: home, env: environment() }, (_error, stdout) => done(stdout));
    });

  const ask = async (query: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await answer.json()) as {
      data: { onlineFeatures?: { columns: { values: unknown[] }[] }; entity?: { description: string } };
      errors?: object;
    };
  };

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-quickstart-'));
    port = await freePort();
  });
  after(async () => {
    if (server?.exitCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    await rm(home, { recursive: true, force: true });
  });

  test('leads from a file to features, step by step', async () => {
    assert.deepEqual(others, []);
    assert.deepEqual(
      [csv?.language, install?.language, init?.language, dev?.language, reading?.language, query?.language],
      ['csv', 'sh', 'sh', 'sh', 'console', 'graphql'],
    );
    // What is packed is installed and run by the test of the packages.
    assert.equal(install?.text, `npm install ${JSON.parse(await readFile('package.json', 'utf8')).name}\n`);
    for (const one of [init, dev, reading]) assert.match(one?.text ?? '', /^(?:\$ )?npx featuregraph /);
    await writeFile(join(home, 'orders.csv'), csv?.text ?? '');
    await run(init?.text ?? '');
    server = spawn(process.execPath, words(dev?.text ?? ''), {
      cwd: home,
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    const [command = '', ...shown] = (reading?.text ?? '').replace('$ ', '').split('\n');
    await eventually(async () => assert.equal(await run(command), shown.join('\n')));
    const { data, errors } = await ask(query?.text ?? '');
    assert.equal(errors, undefined);
    assert.deepEqual(data.onlineFeatures?.columns[0]?.values, [4, 7]);
  });

  test('has its definitions applied anew whenever their file changes, and says what is wrong with them', async () => {
    const file = join(home, 'definitions.ts');
    const written = await readFile(file, 'utf8');
    const described = written.replace(
      '{ customer_id: int64() }',
      "{ customer_id: int64() }, { description: 'Who buys' }",
    );
    assert.notEqual(described, written);
    const description = async () => (await ask('{ entity(ref: "customer") { description } }')).data.entity?.description;
    await writeFile(file, described.replace('int64()', 'int65()'));
    await eventually(async () => assert.match(told, /int65/));
    assert.equal(await description(), '');
    await writeFile(file, described);
    await eventually(async () => assert.equal(await description(), 'Who buys'));
    assert.match(told, /~ entity customer@v1/);
  });
});
