import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../providers/contract/failure.ts';
import { Circuit } from '../src/stores/circuit.ts';

const deadlineMs = 3_000;
/** Longer than the first rest of an open circuit can be. */
const rest = 600;

describe('a circuit that has opened', () => {
  async function opened(): Promise<Circuit> {
    const circuit = new Circuit(deadlineMs);
    const down = () => Promise.reject(new Failure('UNAVAILABLE', 'it is down'));
    for (let failed = 0; failed < 5; failed++) await assert.rejects(circuit.run(down), { message: 'it is down' });
    await assert.rejects(circuit.run(down), { code: 'UNAVAILABLE', message: /left alone for a moment: it is down/ });
    await pause(rest);
    return circuit;
  }

  test('lets one read try a store that stays silent, and fails all others at once', async () => {
    const circuit = await opened();
    let tried = 0;
    const silent = () => {
      tried++;
      return new Promise<never>(() => {});
    };
    const first = circuit.run(silent);
    const others = Promise.allSettled(Array.from({ length: 1_000 }, () => circuit.run(silent)));
    const ended = await Promise.race([first.catch(() => 'the first'), others.then(() => 'the others')]);
    assert.equal(ended, 'the others', 'the others waited for the first');
    assert.ok((await others).every(({ status }) => status === 'rejected'));
    await assert.rejects(first, { code: 'TIMEOUT' });
    assert.equal(tried, 1);
  });

  test('lets all through once that one has succeeded', async () => {
    const circuit = await opened();
    assert.equal(await circuit.run(async () => 'an answer'), 'an answer');
    const answers = await Promise.all([1, 2, 3].map((each) => circuit.run(async () => each)));
    assert.deepEqual(answers, [1, 2, 3]);
  });
});
