import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRefused, type Suspicions, suspicionsAfter } from '../providers/duckdb/process/suspicions.ts';

const hour = 60 * 60 * 1_000;

/** Who ran at each end of a process, one after the other. */
function after(...ends: string[][]): Suspicions {
  return ends.reduce<Suspicions>((before, keys, at) => {
    const ran = keys.map((key) => ({ key, method: 'count' }));
    return suspicionsAfter(before, ran, { kind: 'SIGNAL', signal: 'SIGSEGV' }, at);
  }, new Map());
}

const refused = (suspicions: Suspicions, at = 0) =>
  [...suspicions].filter(([, held]) => isRefused(held, at)).map(([key]) => key);

describe('what has ended a process', () => {
  test('is refused when it ran alone twice', () => {
    assert.deepEqual(refused(after(['a'])), []);
    assert.deepEqual(refused(after(['a'], ['a'])), ['a']);
    assert.deepEqual(refused(after(['a'], ['b'])), []);
  });

  test('is the one that was there both times; the others are acquitted', () => {
    const judged = after(['a', 'b', 'c'], ['a', 'd']);
    assert.deepEqual([...judged.keys()], ['a']);
    assert.deepEqual(refused(judged), ['a']);
  });

  test('may be one of several that were there both times: nobody is refused for that', () => {
    assert.deepEqual(refused(after(['a', 'b'], ['a', 'b'], ['a', 'b'])), []);
    assert.deepEqual(refused(after(['a', 'b'], ['a', 'b'], ['b'])), ['b']);
  });

  test('counts once that ran several times beside itself', () => {
    assert.deepEqual(refused(after(['a', 'a', 'a'])), []);
  });

  test('is forgotten after an hour', () => {
    const judged = after(['a'], ['a']);
    assert.deepEqual(refused(judged, hour - 1), ['a']);
    assert.deepEqual(refused(judged, hour + 1), []);
    const later = suspicionsAfter(judged, [{ key: 'b', method: 'count' }], { kind: 'EXIT', code: 1 }, hour + 2);
    assert.deepEqual([...later.keys()], ['b']);
  });

  test('does not excuse what was refused before', () => {
    assert.deepEqual(refused(after(['a'], ['a'], ['a', 'b'], ['b'])), ['a']);
  });
});
