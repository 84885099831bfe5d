import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DOUBLE,
  type DuckDBType,
  DuckDBTypeId,
  FLOAT,
  INTEGER,
  LIST,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import { type ScalarName, scalar, type ValueType } from '../contract/value-type.ts';

/**
 * DuckDB's types that one of ours holds exactly. Narrow integers widen; ENUM and UUID are read as their text; naive
 * timestamps are UTC. What is left out (DECIMAL, HUGEINT, UBIGINT, TIMESTAMP_NS, TIME, INTERVAL, STRUCT, MAP,
 * nested lists, …) has no type of ours: a user casts it, and so decides what may be lost.
 */
const scalarByTypeId: ReadonlyMap<DuckDBTypeId, ScalarName> = new Map([
  [DuckDBTypeId.BOOLEAN, 'BOOL'],
  [DuckDBTypeId.TINYINT, 'INT32'],
  [DuckDBTypeId.SMALLINT, 'INT32'],
  [DuckDBTypeId.INTEGER, 'INT32'],
  [DuckDBTypeId.UTINYINT, 'INT32'],
  [DuckDBTypeId.USMALLINT, 'INT32'],
  [DuckDBTypeId.UINTEGER, 'INT64'],
  [DuckDBTypeId.BIGINT, 'INT64'],
  [DuckDBTypeId.FLOAT, 'FLOAT32'],
  [DuckDBTypeId.DOUBLE, 'FLOAT64'],
  [DuckDBTypeId.VARCHAR, 'STRING'],
  [DuckDBTypeId.ENUM, 'STRING'],
  [DuckDBTypeId.UUID, 'STRING'],
  [DuckDBTypeId.BLOB, 'BYTES'],
  [DuckDBTypeId.DATE, 'DATE'],
  [DuckDBTypeId.TIMESTAMP_S, 'TIMESTAMP'],
  [DuckDBTypeId.TIMESTAMP_MS, 'TIMESTAMP'],
  [DuckDBTypeId.TIMESTAMP, 'TIMESTAMP'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'TIMESTAMP'],
]);

const duckdbScalars: Readonly<Record<ScalarName, DuckDBType>> = {
  BOOL: BOOLEAN,
  INT32: INTEGER,
  INT64: BIGINT,
  FLOAT32: FLOAT,
  FLOAT64: DOUBLE,
  STRING: VARCHAR,
  BYTES: BLOB,
  DATE,
  TIMESTAMP: TIMESTAMPTZ,
};

/** Our type for one of DuckDB's; undefined where none holds it exactly. Fixed-size arrays are arrays. */
export function valueTypeOf(type: DuckDBType): ValueType | undefined {
  if (type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY) {
    const element = scalarByTypeId.get(type.valueType.typeId);
    return element === undefined ? undefined : { kind: 'ARRAY', element };
  }
  const name = scalarByTypeId.get(type.typeId);
  return name === undefined ? undefined : scalar(name);
}

/** The DuckDB type that values of ours are stored in: the canonical one. A vector is a list of FLOAT. */
export function duckdbTypeOf(type: ValueType): DuckDBType {
  switch (type.kind) {
    case 'SCALAR':
      return duckdbScalars[type.name];
    case 'ARRAY':
      return LIST(duckdbScalars[type.element]);
    case 'VECTOR':
      return LIST(FLOAT);
  }
}
