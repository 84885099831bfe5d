import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type MapValue, parseValueType, type Value, type ValueType } from '../providers/contract/value-type.ts';
import { fromJson, toJson } from '../src/values/json-value.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { anyValue } from './conformance/value-arbitraries.ts';

const years = { DATE: [-719_162, 2_932_896], TIMESTAMP: [-62_135_596_800_000_000n, 253_402_300_799_999_999n] } as const;

/** Days and instants outside of the years 1 to 9999 have a form for people only, and vectors are finite. */
function hasJsonForm(type: ValueType, value: Value): boolean {
  if (value instanceof Float32Array) return value.every(Number.isFinite);
  if (type.kind === 'MAP' && value instanceof Map)
    return (
      hasJsonForm({ kind: 'ARRAY', element: type.key }, [...value.keys()]) &&
      hasJsonForm({ kind: 'ARRAY', element: type.element }, [...value.values()])
    );
  const name = type.kind === 'SCALAR' ? type.name : type.kind === 'ARRAY' ? type.element : undefined;
  if (name !== 'DATE' && name !== 'TIMESTAMP') return true;
  const [first, last] = years[name];
  const values = Array.isArray(value) ? value : [value];
  return values.every((one) =>
    typeof one === 'number' || typeof one === 'bigint' ? one >= first && one <= last : true,
  );
}

describe('a value in JSON', () => {
  test('is read as it was written, for random values of every type', () => {
    const values = anyValue.filter(({ type, value }) => hasJsonForm(type, value));
    fc.assert(
      fc.property(values, ({ type, value }) => {
        const sent: unknown = JSON.parse(JSON.stringify(toJson(type, value)));
        const read = fromJson(type, sent);
        assert.deepEqual(read, { value });
        // In the order of its keys, which the comparison of maps does not see.
        if (value instanceof Map && 'value' in read) assert.deepEqual([...(read.value as MapValue)], [...value]);
      }),
      propertyRuns(2),
    );
  });

  test('is an object for a map, whatever its keys are', () => {
    const type = parseValueType('MAP(STRING, INT64)');
    assert.ok(type);
    const value = new Map<string, bigint | null>([
      ['10', 2n ** 53n],
      ['9', 1n],
      ['__proto__', null],
    ]);
    const json = JSON.stringify(toJson(type, value));
    assert.equal(json, '{"9":1,"10":"9007199254740992","__proto__":null}');
    const read = fromJson(type, JSON.parse(json));
    assert.deepEqual('value' in read && [...(read.value as MapValue)], [...value]);
    for (const wrong of [[], 'x', { a: 1.5 }, { a: [1] }]) assert.ok('problem' in fromJson(type, wrong));
    for (const [key, text] of [
      ['INT32', '01'],
      ['INT32', '-0'],
      ['INT64', '1.0'],
      ['INT64', '01'],
      ['INT64', '-0'],
      ['BOOL', '1'],
      ['DATE', '2024'],
    ])
      assert.ok(
        'problem' in fromJson(parseValueType(`MAP(${key}, INT32)`) as ValueType, { [text as string]: 1 }),
        text,
      );
  });

  test('keeps the sign of a zero in a vector, and refuses what is no finite number', () => {
    const type = parseValueType('VECTOR(2, L2)');
    assert.ok(type);
    const value = Float32Array.of(-0, 0.5);
    assert.deepEqual(fromJson(type, toJson(type, value)), { value });
    for (const wrong of ['NaN', 'Infinity', '1', null, 1e39, [1]]) {
      assert.ok('problem' in fromJson(type, [1, wrong]), `${wrong}`);
    }
  });
});
