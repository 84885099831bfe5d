import { type ScalarName, scalar, type ValueType } from '../../providers/contract/value-type.ts';

export const expressionScalars = ['bool', 'int', 'double', 'string', 'bytes', 'timestamp', 'duration'] as const;
export type ExpressionScalar = (typeof expressionScalars)[number];

/**
 * The types of CEL that our types are: INT32 and INT64 are `int`, FLOAT32 and FLOAT64 `double`, a DATE is its midnight
 * UTC as `timestamp`, an array or vector is a `list`, a map a `map`. `null` is the literal alone, and the element of an empty
 * list.
 */
export type ExpressionType = ExpressionScalar | 'null' | ListType | ExpressionMap;
type ListType = { list: ExpressionType };
/** What is of each `key`. Maps are read, and never made. */
export type ExpressionMap = { key: ExpressionScalar; map: ExpressionScalar };

const ofScalar: Record<ScalarName, ExpressionScalar> = {
  BOOL: 'bool',
  INT32: 'int',
  INT64: 'int',
  FLOAT32: 'double',
  FLOAT64: 'double',
  STRING: 'string',
  BYTES: 'bytes',
  DATE: 'timestamp',
  TIMESTAMP: 'timestamp',
};

const toScalar: Partial<Record<ExpressionScalar, ScalarName>> = {
  bool: 'BOOL',
  int: 'INT64',
  double: 'FLOAT64',
  string: 'STRING',
  bytes: 'BYTES',
  timestamp: 'TIMESTAMP',
};

export function expressionType(type: ValueType): ExpressionType {
  if (type.kind === 'SCALAR') return ofScalar[type.name];
  if (type.kind === 'MAP') return { key: ofScalar[type.key], map: ofScalar[type.element] };
  return { list: type.kind === 'ARRAY' ? ofScalar[type.element] : 'double' };
}

/** What an expression's value is stored and served as. Undefined for what no value type holds: durations, lists of lists, and maps. */
export function valueTypeOf(type: ExpressionType): ValueType | undefined {
  if (typeof type === 'string') {
    const name = type === 'null' ? undefined : toScalar[type];
    return name && scalar(name);
  }
  if (isMapType(type)) return undefined;
  const element = typeof type.list === 'string' && type.list !== 'null' ? toScalar[type.list] : undefined;
  return element && { kind: 'ARRAY', element };
}

/** As CEL writes it: `int`, `list(double)`, `map(string, double)`. */
export function formatExpressionType(type: ExpressionType): string {
  if (typeof type === 'string') return type;
  return isMapType(type) ? `map(${type.key}, ${type.map})` : `list(${formatExpressionType(type.list)})`;
}

/** The one type that both are, where `null` is any; undefined where there is none. */
export function commonType(one: ExpressionType, other: ExpressionType): ExpressionType | undefined {
  if (one === other || other === 'null') return one;
  if (one === 'null') return other;
  if (typeof one === 'string' || typeof other === 'string') return undefined;
  if (isMapType(one) || isMapType(other))
    return formatExpressionType(one) === formatExpressionType(other) ? one : undefined;
  const list = commonType(one.list, other.list);
  return list && { list };
}

export function isListType(type: ExpressionType): type is ListType {
  return typeof type === 'object' && 'list' in type;
}

export function isMapType(type: ExpressionType): type is ExpressionMap {
  return typeof type === 'object' && 'map' in type;
}
