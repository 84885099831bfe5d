import { mapOf } from '../contract/map-values.ts';
import { isScalarOf, mistyped } from '../contract/typed-value.ts';
import type { MapValue, ScalarName, Value, ValueType } from '../contract/value-type.ts';

const infiniteDay = 2 ** 31 - 1;
const infiniteInstant = 2n ** 63n - 1n;

/**
 * Fails with INVALID_INPUT where DuckDB can't hold a value as one of its type; `path` is where it stands in what the
 * caller sent. Without the engine, for those who have none in their process.
 */
export function requireHeld(value: Value, type: ValueType, path: string): void {
  if (value === null) return;
  switch (type.kind) {
    case 'SCALAR':
      requireScalar(value, type.name, path);
      break;
    case 'VECTOR':
      if (!(value instanceof Float32Array) || value.length !== type.dimensions) throw mistyped(path, type);
      break;
    case 'MAP':
      if (mapOf(type, value) === undefined) throw mistyped(path, type);
      for (const [key, item] of value as MapValue) {
        requireScalar(key, type.key, `${path}[${key}]`);
        if (item !== null) requireScalar(item, type.element, `${path}[${key}]`);
      }
      break;
    case 'ARRAY':
      if (!Array.isArray(value)) throw mistyped(path, type);
      value.forEach((item, index) => {
        if (item !== null) requireScalar(item, type.element, `${path}[${index}]`);
      });
  }
}

function requireScalar(value: Value, name: ScalarName, path: string): void {
  if (!isScalarOf(name, value) || isInfinite(name, value)) throw mistyped(path, { kind: 'SCALAR', name });
}

/** At the ends of their ranges are DuckDB's infinite days and instants. */
function isInfinite(name: ScalarName, value: Value): boolean {
  if (name === 'DATE') return value === infiniteDay || value === -infiniteDay;
  return name === 'TIMESTAMP' && (value === infiniteInstant || value === -infiniteInstant);
}
