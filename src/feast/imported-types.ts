import type { FeastField } from './registry-dump.ts';

const scalars: ReadonlyMap<string, string> = new Map(
  Object.entries({
    INT32: 'INT32',
    INT64: 'INT64',
    FLOAT: 'FLOAT32',
    DOUBLE: 'FLOAT64',
    STRING: 'STRING',
    BOOL: 'BOOL',
    BYTES: 'BYTES',
    UNIX_TIMESTAMP: 'TIMESTAMP',
  }),
);

const metrics: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cosine: 'COSINE',
    l2: 'L2',
    euclidean: 'L2',
    inner_product: 'DOT',
    dot: 'DOT',
  }),
);

/** Our type for one of Feast's (`ValueType` of its protocol); undefined where there is none that holds its values. */
export function importedType({
  valueType,
  vectorIndex,
  vectorLength,
  vectorSearchMetric,
}: FeastField): string | undefined {
  if (vectorIndex && vectorLength > 0 && /^(FLOAT|DOUBLE)_LIST$/.test(valueType))
    return `VECTOR(${vectorLength}, ${metrics.get(vectorSearchMetric.toLowerCase()) ?? 'COSINE'})`;
  const list = /^(.+)_LIST$/.exec(valueType);
  const scalar = scalars.get(list?.[1] ?? valueType);
  return scalar === undefined || list === null ? scalar : `${scalar}[]`;
}
