import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseValueType, type Value, type ValueType } from '../providers/contract/value-type.ts';
import { fromJson, toJson } from '../src/values/json-value.ts';
import { propertyRuns } from './conformance/property-runs.ts';
import { typedValue } from './conformance/value-arbitraries.ts';

const years = { DATE: [-719_162, 2_932_896], TIMESTAMP: [-62_135_596_800_000_000n, 253_402_300_799_999_999n] } as const;

/** Days and instants outside of the years 1 to 9999 have a form for people only, and vectors are finite. */
function hasJsonForm(type: ValueType, value: Value): boolean {
  if (value instanceof Float32Array) return value.every(Number.isFinite);
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
    const values = typedValue.filter(({ type, value }) => hasJsonForm(type, value));
    fc.assert(
      fc.property(values, ({ type, value }) => {
        const sent: unknown = JSON.parse(JSON.stringify(toJson(type, value)));
        assert.deepEqual(fromJson(type, sent), { value });
      }),
      propertyRuns(2),
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
