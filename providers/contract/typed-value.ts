import { Failure, type Issue } from './failure.ts';
import type { Table } from './table.ts';
import { formatValueType, type Scalar, type ScalarName, type Value, type ValueType } from './value-type.ts';

/** Whether a value is one of a scalar type, in the representation of this process. */
export function isScalarOf(name: ScalarName, value: Value): value is Scalar {
  return accepts[name](value);
}

const accepts: Readonly<Record<ScalarName, (value: Value) => boolean>> = {
  BOOL: (value) => typeof value === 'boolean',
  INT32: isInt32,
  INT64: isInt64,
  FLOAT32: (value) => typeof value === 'number',
  FLOAT64: (value) => typeof value === 'number',
  STRING: (value) => typeof value === 'string' && value.isWellFormed(),
  BYTES: (value) => value instanceof Uint8Array,
  DATE: isInt32,
  TIMESTAMP: isInt64,
};

function isInt32(value: Value): boolean {
  return typeof value === 'number' && (value | 0) === value;
}

function isInt64(value: Value): boolean {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
}

/** What a caller is told whose value is not of its type; `path` is where it stands in what was sent. */
export function mistyped(path: string, type: ValueType): Failure {
  const message = `${path} is not a value of type ${formatValueType(type)}`;
  return new Failure('INVALID_INPUT', message, {
    issues: [{ path, message, fix: `send a ${formatValueType(type)} or null` }],
  });
}

/** What a store's conversion refuses of rows, by cell: it is told the path of each, `rows[r][c]`. */
export function refusedCells(
  { columns, rows }: Table,
  convert: (value: Value, type: ValueType, path: string) => unknown,
): Issue[] {
  return rows.flatMap((row, at) =>
    columns.flatMap(({ type }, index) => {
      try {
        convert(row[index] ?? null, type, `rows[${at}][${index}]`);
        return [];
      } catch (error) {
        if (error instanceof Failure) return error.issues;
        throw error;
      }
    }),
  );
}
