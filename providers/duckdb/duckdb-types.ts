import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DOUBLE,
  type DuckDBMapType,
  type DuckDBType,
  DuckDBTypeId,
  FLOAT,
  INTEGER,
  LIST,
  MAP,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api';
import { isMapKey, type MapType, type ScalarName, scalar, type ValueType } from '../contract/value-type.ts';

/**
 * DuckDB's types that one of ours holds exactly. Narrow integers widen; ENUM and UUID are read as their text; naive
 * timestamps are UTC. What is left out (DECIMAL, HUGEINT, UBIGINT, TIMESTAMP_NS, TIME, INTERVAL, STRUCT, nested lists,
 * the MAP of a source, …) has no type of ours: a user casts it, and so decides what may be lost.
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

/** The type of a column that we have written, which may be a map: of a source it has none, see `valueTypeOf`. */
export function ownTypeOf(type: DuckDBType): ValueType | undefined {
  return type.typeId === DuckDBTypeId.MAP ? mapTypeOf(type) : valueTypeOf(type);
}

function mapTypeOf({ keyType, valueType }: DuckDBMapType): MapType | undefined {
  const [key = '', element] = [keyType, valueType].map(({ typeId }) => scalarByTypeId.get(typeId));
  return isMapKey(key) && element !== undefined ? { kind: 'MAP', key, element } : undefined;
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
    case 'MAP':
      return MAP(duckdbScalars[type.key], duckdbScalars[type.element]);
  }
}
