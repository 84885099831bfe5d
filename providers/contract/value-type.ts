/**
 * The type table of the whole system: every type that a feature, a key or a label can have, what its values are
 * in this process, and what it is called in each engine. A store that can't hold a type exactly says so in its
 * capabilities; nothing is ever rounded in silence.
 */
export const scalarTypes = {
  BOOL: { width: 1, duckdb: 'BOOLEAN', postgres: 'boolean', description: 'true or false' },
  INT32: { width: 4, duckdb: 'INTEGER', postgres: 'integer', description: 'signed 32-bit integer' },
  INT64: { width: 8, duckdb: 'BIGINT', postgres: 'bigint', description: 'signed 64-bit integer' },
  FLOAT32: { width: 4, duckdb: 'FLOAT', postgres: 'real', description: 'IEEE 754 single' },
  FLOAT64: { width: 8, duckdb: 'DOUBLE', postgres: 'double precision', description: 'IEEE 754 double' },
  STRING: { width: undefined, duckdb: 'VARCHAR', postgres: 'text', description: 'Unicode text' },
  BYTES: { width: undefined, duckdb: 'BLOB', postgres: 'bytea', description: 'raw bytes' },
  DATE: { width: 4, duckdb: 'DATE', postgres: 'date', description: 'calendar day' },
  TIMESTAMP: {
    width: 8,
    duckdb: 'TIMESTAMP WITH TIME ZONE',
    postgres: 'timestamptz',
    description: 'instant in UTC, to the microsecond',
  },
} as const;

export type ScalarName = keyof typeof scalarTypes;

/**
 * How near two vectors are, and what a score means:
 * - `COSINE`: cosine similarity, from −1 to 1, greater is nearer;
 * - `DOT`: dot product, greater is nearer;
 * - `L2`: Euclidean distance, from 0, smaller is nearer.
 */
export const metrics = ['COSINE', 'DOT', 'L2'] as const;
export type Metric = (typeof metrics)[number];

export type ScalarType = { kind: 'SCALAR'; name: ScalarName };
export type ArrayType = { kind: 'ARRAY'; element: ScalarName };
export type VectorType = { kind: 'VECTOR'; dimensions: number; metric: Metric };
/** What windows make by a secondary key, and nothing else: no source has such a column. */
export type MapType = { kind: 'MAP'; key: MapKey; element: ScalarName };
export type ValueType = ScalarType | ArrayType | VectorType | MapType;

/** What can be a key of a map: what has one form of each value, and is told apart by that. */
export const mapKeys = ['BOOL', 'INT32', 'INT64', 'STRING', 'DATE'] as const satisfies readonly ScalarName[];
export type MapKey = (typeof mapKeys)[number];

/**
 * What a value is in this process:
 * BOOL boolean; INT32, FLOAT32 and FLOAT64 number; INT64 bigint; STRING string; BYTES Uint8Array;
 * DATE number of days since 1970-01-01; TIMESTAMP bigint, microseconds since 1970-01-01T00:00:00Z.
 */
export type Scalar = boolean | number | bigint | string | Uint8Array;

/** Its keys are in the order of values (false below true, texts by their UTF-8 bytes), its elements may be null. */
export type MapValue = ReadonlyMap<Scalar, Scalar | null>;

/** An array's elements may be null; a vector's may not, and it is always whole. */
export type Value = Scalar | (Scalar | null)[] | Float32Array | MapValue | null;

export const maxVectorDimensions = 4096;

export function scalar(name: ScalarName): ScalarType {
  return { kind: 'SCALAR', name };
}

/** The written form: `INT64`, `STRING[]`, `VECTOR(16, COSINE)`, `MAP(STRING, FLOAT64)`. `parseValueType` reads it back. */
export function formatValueType(type: ValueType): string {
  switch (type.kind) {
    case 'SCALAR':
      return type.name;
    case 'ARRAY':
      return `${type.element}[]`;
    case 'VECTOR':
      return `VECTOR(${type.dimensions}, ${type.metric})`;
    case 'MAP':
      return `MAP(${type.key}, ${type.element})`;
  }
}

const mapForm = /^MAP\(\s*(\w+)\s*,\s*(\w+)\s*\)$/;
const vectorForm = /^VECTOR\(\s*([1-9]\d{0,4})\s*(?:,\s*(\w+)\s*)?\)$/;

/** Reads a written type, letter case ignored; a vector's metric is `COSINE` when left out. Undefined when it is none. */
export function parseValueType(text: string): ValueType | undefined {
  const written = text.trim().toUpperCase();
  if (isScalarName(written)) return scalar(written);
  if (written.endsWith('[]')) {
    const element = written.slice(0, -2).trim();
    return isScalarName(element) ? { kind: 'ARRAY', element } : undefined;
  }
  const [, key = '', ofKey = ''] = mapForm.exec(written) ?? [];
  if (isMapKey(key) && isScalarName(ofKey)) return { kind: 'MAP', key, element: ofKey };
  const [, digits, metric = 'COSINE'] = vectorForm.exec(written) ?? [];
  const dimensions = Number(digits);
  if (!(dimensions <= maxVectorDimensions) || !isMetric(metric)) return undefined;
  return { kind: 'VECTOR', dimensions, metric };
}

/** Two types are equal when their written forms are. */
export function sameValueType(left: ValueType, right: ValueType): boolean {
  return formatValueType(left) === formatValueType(right);
}

export function isScalarName(text: string): text is ScalarName {
  return Object.hasOwn(scalarTypes, text);
}

export function isMapKey(text: string): text is MapKey {
  return (mapKeys as readonly string[]).includes(text);
}

function isMetric(text: string): text is Metric {
  return (metrics as readonly string[]).includes(text);
}
