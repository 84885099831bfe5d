import { type ScalarName, scalar, type ValueType } from '../../providers/contract/value-type.ts';

export const expressionScalars = ['bool', 'int', 'double', 'string', 'bytes', 'timestamp', 'duration'] as const;
export type ExpressionScalar = (typeof expressionScalars)[number];

/**
 * The types of CEL that our types are: INT32 and INT64 are `int`, FLOAT32 and FLOAT64 `double`, a DATE is its midnight
 * UTC as `timestamp`, an array or vector is a `list`. `null` is the literal alone, and the element of an empty list.
 */
export type ExpressionType = ExpressionScalar | 'null' | { list: ExpressionType };

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
  return { list: type.kind === 'ARRAY' ? ofScalar[type.element] : 'double' };
}

/** What an expression's value is stored and served as. Undefined for what no value type holds: durations, lists of lists. */
export function valueTypeOf(type: ExpressionType): ValueType | undefined {
  if (typeof type === 'string') {
    const name = type === 'null' ? undefined : toScalar[type];
    return name && scalar(name);
  }
  const element = typeof type.list === 'string' && type.list !== 'null' ? toScalar[type.list] : undefined;
  return element && { kind: 'ARRAY', element };
}

/** As CEL writes it: `int`, `list(double)`. */
export function formatExpressionType(type: ExpressionType): string {
  return typeof type === 'string' ? type : `list(${formatExpressionType(type.list)})`;
}

/** The one type that both are, where `null` is any; undefined where there is none. */
export function commonType(one: ExpressionType, other: ExpressionType): ExpressionType | undefined {
  if (one === other || other === 'null') return one;
  if (one === 'null') return other;
  if (typeof one === 'string' || typeof other === 'string') return undefined;
  const list = commonType(one.list, other.list);
  return list && { list };
}

export function isListType(type: ExpressionType): type is { list: ExpressionType } {
  return typeof type === 'object';
}
