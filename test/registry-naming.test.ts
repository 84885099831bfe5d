import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyType } from '../providers/contract/entity-key.ts';
import { keyFieldName, keyFieldNames, keySets } from '../src/registry/naming.ts';

describe('the fields of a join key', () => {
  const composite = (...keys: [joinKey: string, field: string][]) => ({
    joinKeys: ['origin_faa', 'dest'].map((name) => ({ name, type: 'STRING' as KeyType, description: '' })),
    graphql: { keys: keys.map(([joinKey, field]) => ({ joinKey, field })) },
  });

  test('are those that are named, and otherwise the derived one', () => {
    const named = composite(['dest', 'to'], ['dest', 'destination']);
    assert.deepEqual(keyFieldNames(named, 'dest'), ['to', 'destination']);
    assert.equal(keyFieldName(named, 'dest'), 'to');
    assert.deepEqual(keyFieldNames(named, 'origin_faa'), ['originFaa']);
    assert.deepEqual(keyFieldNames({}, 'conv_rate'), ['convRate']);
  });

  test('make key sets: the n-th of each name, or the last', () => {
    assert.deepEqual(keySets(composite()), [['originFaa', 'dest']]);
    assert.deepEqual(keySets({ joinKeys: composite().joinKeys }), [['originFaa', 'dest']]);
    assert.deepEqual(keySets(composite(['dest', 'to'])), [['originFaa', 'to']]);
    const uneven = composite(
      ['origin_faa', 'a'],
      ['dest', 'x'],
      ['origin_faa', 'b'],
      ['origin_faa', 'c'],
      ['dest', 'y'],
    );
    assert.deepEqual(keySets(uneven), [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'y'],
    ]);
    assert.deepEqual(keySets(composite(['dest', 'to'], ['dest', 'to'])), [['originFaa', 'to']]);
  });
});
