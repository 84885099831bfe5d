import { isScalarOf } from './typed-value.ts';
import type { MapType, MapValue, Value } from './value-type.ts';

export function isMap(value: Value): value is MapValue {
  return value instanceof Map;
}

/** A value as the map that it is; undefined where it is no map of the type. */
export function mapOf({ key, element }: MapType, value: Value): MapValue | undefined {
  if (!isMap(value)) return undefined;
  for (const [name, one] of value) {
    if (!isScalarOf(key, name) || (one !== null && !isScalarOf(element, one))) return undefined;
  }
  return value;
}
