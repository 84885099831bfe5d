import {
  formatValueType,
  isScalarName,
  mapKeys,
  maxVectorDimensions,
  metrics,
  parseValueType,
  type ScalarName,
  scalarTypes,
  type ValueType,
} from '../../providers/contract/value-type.ts';
import { nearestName } from './spelling.ts';

/** What other systems call our types, where a name means the same wherever it is used. */
const otherNames: Readonly<Record<string, ScalarName>> = {
  ...named('BOOL', 'BOOLEAN', 'LOGICAL'),
  ...named('INT32', 'INT4', 'INT16', 'SMALLINT', 'TINYINT', 'SHORT'),
  ...named('INT64', 'INT', 'INTEGER', 'BIGINT', 'LONG'),
  ...named('FLOAT32', 'REAL', 'FLOAT4', 'SINGLE'),
  ...named('FLOAT64', 'FLOAT', 'FLOAT8', 'DOUBLE', 'NUMBER', 'NUMERIC', 'DECIMAL', 'DOUBLE PRECISION'),
  ...named('STRING', 'TEXT', 'STR', 'VARCHAR', 'CHAR', 'UUID', 'ENUM', 'OBJECT', 'UTF8'),
  ...named('BYTES', 'BYTE', 'BLOB', 'BYTEA', 'BINARY', 'VARBINARY'),
  ...named('DATE', 'DAY', 'DATE32'),
  ...named('TIMESTAMP', 'DATETIME', 'TIMESTAMPTZ', 'INSTANT'),
};

/** The type that a text stands for, or what is wrong with it and what was probably meant. */
export function readValueType(text: string): { type: ValueType } | { message: string; fix: string } {
  const type = parseValueType(text);
  if (type !== undefined) return { type };
  const scalars = Object.keys(scalarTypes).join(', ');
  return {
    message: `"${text}" is no type; there are ${scalars}, arrays such as INT64[], VECTOR(dimensions, metric) and MAP(key, type)`,
    fix: suggestionFor(text.trim().toUpperCase()),
  };
}

function suggestionFor(written: string): string {
  if (/^MAP\b/.test(written))
    return `Give a key of ${mapKeys.join(', ')} and a type of the others, as MAP(STRING, FLOAT64).`;
  const isVector = /^(?:VEC|EMBED)/.test(written);
  const meant = isVector ? meantVector(written) : meantType(written);
  if (meant !== undefined) return `Did you mean ${meant}?`;
  return isVector
    ? `Give 1 to ${maxVectorDimensions} dimensions, and one of ${metrics.join(', ')} as metric.`
    : 'Write one of these.';
}

function meantType(written: string): string | undefined {
  const [, element] =
    /^(.+?)\s*\[\s*\d*\s*\]$/.exec(written) ?? /^(?:ARRAY|LIST|SEQUENCE)\s*[<(]\s*(.+?)\s*[>)]$/.exec(written) ?? [];
  if (element === undefined) return meantScalar(written);
  const name = meantScalar(element);
  return name && `${name}[]`;
}

function meantScalar(written: string): ScalarName | undefined {
  // As in VARCHAR(20) or TIMESTAMP WITH TIME ZONE.
  const word = written.replace(/\s*\(.*\)$/, '').replace(/^(TIMESTAMP|DATETIME)\b.*$/, '$1');
  if (isScalarName(word)) return word;
  const near = otherNames[word] ?? nearestName(word, Object.keys(scalarTypes));
  return near !== undefined && isScalarName(near) ? near : undefined;
}

function meantVector(written: string): string | undefined {
  const metric = nearestName(/[,\s]\s*([A-Z]\w*)\W*$/.exec(written)?.[1] ?? '', metrics) ?? 'COSINE';
  const type = parseValueType(`VECTOR(${/\d+/.exec(written)?.[0]}, ${metric})`);
  return type && formatValueType(type);
}

function named(name: ScalarName, ...others: string[]): Record<string, ScalarName> {
  return Object.fromEntries(others.map((other) => [other, name]));
}
