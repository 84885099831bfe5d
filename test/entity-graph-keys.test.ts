import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { keyTypes } from '../providers/contract/entity-key.ts';
import { Failure } from '../providers/contract/failure.ts';
import type { Scalar, ScalarName } from '../providers/contract/value-type.ts';
import { formedKey, type KeyForm, readFormedKey } from '../src/entity-graph/key-form.ts';
import { scalarValues } from './conformance/value-arbitraries.ts';

/** Times have a form in JSON from year 1 to year 9999. */
const years = { DATE: [-719_162, 2_932_896], TIMESTAMP: [-62_135_596_800_000_000n, 253_402_300_799_999_999n] } as const;

type Key = { type: ScalarName; value: Scalar };

const keys: fc.Arbitrary<Key> = fc
  .constantFrom(...keyTypes)
  .chain((type) => scalarValues[type].map((value) => ({ type, value: value === 0 ? 0 : value })))
  .filter(({ type, value }) => !(type in years) || isInYears(type as keyof typeof years, value));

describe('a key in the form of another team', () => {
  for (const form of ['ID', 'String'] satisfies KeyForm[]) {
    test(`is text as ${form}, and read from it again, whatever its type`, () => {
      fc.assert(
        fc.property(keys, ({ type, value }) => {
          const text = formedKey(form, type, value);
          assert.equal(typeof text, 'string');
          assert.deepStrictEqual(readFormedKey(form, type, text), { value });
        }),
        { numRuns: 1_000 },
      );
    });
  }

  test('is a number as Int, where it fits into one', () => {
    fc.assert(
      fc.property(fc.constantFrom('INT32', 'INT64'), fc.integer(), (type, number) => {
        const value = type === 'INT64' ? BigInt(number) : number;
        assert.equal(formedKey('Int', type, value), number);
        assert.deepStrictEqual(readFormedKey('Int', type, number), { value });
      }),
    );
    for (const beyond of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 63n - 1n]) {
      assert.throws(() => formedKey('Int', 'INT64', beyond), new Failure('UNSUPPORTED', message(beyond)));
      assert.ok('problem' in readFormedKey('Int', 'INT64', Number(beyond)), String(beyond));
    }
  });

  test('is only what we would write ourselves, so that no two of theirs are one of ours', () => {
    for (const text of ['007', '7.0', '+7', '-0', ' 7', '7 ', '7e0', '0x7', '', 'seven', '9223372036854775808'])
      for (const type of ['INT32', 'INT64'] as const)
        assert.ok('problem' in readFormedKey('ID', type, text), `${type} ${JSON.stringify(text)}`);
    assert.ok('problem' in readFormedKey('ID', 'INT32', '2147483648'));
    assert.deepStrictEqual(readFormedKey('ID', 'INT64', '2147483648'), { value: 2_147_483_648n });
    for (const text of ['TRUE', '1', '']) assert.ok('problem' in readFormedKey('String', 'BOOL', text), text);
  });

  test('may be a number where it is an ID, and nothing else that is no text', () => {
    assert.deepStrictEqual(readFormedKey('ID', 'INT64', 7), { value: 7n });
    assert.deepStrictEqual(readFormedKey('ID', 'STRING', 7), { value: '7' });
    for (const json of [7.5, 2 ** 53, true, ['7'], { id: '7' }])
      assert.ok('problem' in readFormedKey('ID', 'STRING', json), JSON.stringify(json));
    assert.ok('problem' in readFormedKey('String', 'STRING', 7));
    for (const json of ['7', 7.5, true, 2 ** 31]) assert.ok('problem' in readFormedKey('Int', 'INT64', json));
  });
});

function isInYears(type: keyof typeof years, value: Scalar): boolean {
  return Number(value) >= years[type][0] && Number(value) < years[type][1];
}

function message(value: bigint): string {
  return `The key ${value} does not fit into the 32 bits of an Int.`;
}
