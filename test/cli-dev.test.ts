import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readableLine } from '../server/cli/readable-log.ts';
import { eventually } from './servers/eventually.ts';

const main = resolve('bin/featuregraph.js');
const withoutTerminal =
  spawnSync('python3', ['--version']).status !== 0 && 'python3, which makes a terminal, is not on this machine';

/** One project, and one `dev` after the other in it. */
describe('featuregraph dev', () => {
  let home: string;
  let server: ChildProcess | undefined;
  let [shown, told] = ['', ''];

  const env = () => ({ ...process.env, NO_COLOR: '1', FEATUREGRAPH_PORT: '0' });
  const begin = (command: string, ...words: string[]) => {
    [shown, told] = ['', ''];
    server = spawn(command, words, { cwd: home, env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
  };
  const end = async () => {
    if (server?.exitCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  };

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'featuregraph-dev-'));
    await cp('examples/orders', home, { recursive: true });
  });
  after(async () => {
    await end();
    await rm(home, { recursive: true, force: true });
  });

  test('says how each job ended, and logs JSON where nobody sits', async () => {
    begin(process.execPath, main, 'dev');
    await eventually(async () => assert.match(told, /^materialize customer_habits@v1: succeeded, 3 rows$/m));
    assert.equal(told.match(/Plan: 4 to create/g)?.length, 1);
    await end();
    for (const line of shown.trim().split('\n')) assert.equal(typeof JSON.parse(line).msg, 'string', line);
    assert.doesNotMatch(told, /watched/);
  });

  test('says what is there when it begins again, and how to go on where a change is refused', async () => {
    begin(process.execPath, main, 'dev');
    await eventually(async () => assert.match(told, /^No change: 4 definitions as registered\.$/m));
    assert.match(told, /^Registered: 3 providers, 1 entity, 1 source, 1 feature view, 1 feature service\.$/m);
    const file = join(home, 'definitions.ts');
    await writeFile(file, (await readFile(file, 'utf8')).replace("'ordered_at',", "'ordered_at',\n  ttl: '7d',"));
    await eventually(async () =>
      assert.match(told, /"featuregraph apply --bump" \(feature view customer_habits as v2/),
    );
    await end();
  });

  test('gives the next variant to what differs, where it is told to', async () => {
    begin(process.execPath, main, 'dev', '--bump');
    await eventually(async () => assert.match(told, /^materialize customer_habits@v2: succeeded, 3 rows$/m));
    assert.match(told, /Write these variants.*\n {2}definitions\.ts:8: feature view customer_habits: variant: 'v2'\n/);
    await end();
  });

  test('logs in words at a terminal', { skip: withoutTerminal }, async () => {
    const terminal =
      'import pty, signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); pty.spawn(sys.argv[1:])';
    begin('python3', '-c', terminal, process.execPath, main, 'dev');
    await eventually(async () =>
      assert.match(shown, /^\d\d:\d\d:\d\d {2}info {3}started {2}url=http:\S+ {2}server=true/m),
    );
    await end();
  });

  test('logs an error with where it came from, and leaves what is no JSON', () => {
    const error = { type: 'Error', message: 'No.', stack: 'Error: No.\n    at here' };
    const line = JSON.stringify({
      level: 40,
      time: 0,
      pid: 1,
      hostname: 'h',
      name: 'n',
      job: 'j',
      what: [1],
      error,
      msg: 'odd',
    });
    assert.match(
      readableLine(line),
      /^\d\d:\d\d:00 {2}warn {3}odd {2}job=j {2}what=\[1\]\n {10}Error: No\.\n {14}at here$/,
    );
    assert.equal(readableLine('plain'), 'plain');
  });
});
