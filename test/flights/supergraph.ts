import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fetchSdl } from '../servers/gateways.ts';

type Demo = { output(): string; exited: Promise<unknown[]>; kill(signal: NodeJS.Signals): void };

/** The demo of a supergraph, on a `home` where all of it may be registered already. */
export function describeSupergraph(home: string): void {
  describe('the demo of a supergraph', () => tests(home));
}

function tests(home: string): void {
  function start(...options: string[]): Demo {
    const args = ['examples/flights/supergraph/demo.ts', '--data', home, '--port', '0', ...options];
    const child = spawn(process.execPath, args);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { output: () => text, exited: once(child, 'close'), kill: (signal) => child.kill(signal) };
  }

  test("joins a product team's names with our features, and ends well", async () => {
    const demo = start();
    const [code] = await demo.exited;
    assert.equal(code, 0, demo.output());
    const lines = demo.output().split('\n');
    const row = lines.find((line) => line.includes('John F. Kennedy, New York'));
    assert.match(row ?? '', /^ {2}John F\. Kennedy, New York +284 +11\.08 +0\.26 +Newark Liberty, Newark · /);
    // Our data has no name of this one; the product team does.
    assert.ok(lines.some((line) => /^ {2}Luis Muñoz Marín, San Juan +22 +-0\.41/.test(line)));
  });

  test('stays up on demand, until it is interrupted', async () => {
    const demo = start('--keep');
    try {
      await until(() => demo.output().includes('Ctrl-C'), demo);
      const [, gateway = ''] = /The supergraph is at (\S+),/.exec(demo.output()) ?? [];
      const [, features = ''] = /features +(\S+)/.exec(demo.output()) ?? [];
      const answer = await fetch(gateway, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ airports(faa: ["JFK", "XXX"]) { city facts { timeZone } } }' }),
      });
      assert.deepEqual(await answer.json(), {
        data: { airports: [{ city: 'New York', facts: { timeZone: 'America/New_York' } }, null] },
      });
      const reviewed = await readFile('examples/flights/supergraph/features.graphql', 'utf8');
      assert.equal(
        await fetchSdl(features),
        reviewed,
        'the SDL has changed: review it, and keep it in features.graphql',
      );
    } finally {
      demo.kill('SIGINT');
    }
    const [code] = await demo.exited;
    assert.equal(code, 0, demo.output());
  });
}

async function until(holds: () => boolean, { exited, output }: Demo): Promise<void> {
  const ended = exited.then(() => Promise.reject(new Error(`it ended: ${output()}`)));
  while (!holds()) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
}
