import type { Scalar } from '../contract/value-type.ts';
import { comparedValue, filterOperand } from '../contract/vector-fit.ts';
import type { VectorFilter, VectorIndex } from '../contract/vector-store.ts';
import { binaryArray, typeIds } from '../postgres/postgres-binary.ts';
import { payloadBytes } from './pgvector-points.ts';
import { type PayloadColumn, payloadColumns } from './pgvector-tables.ts';

/** The values that a statement binds, in order; `bind` answers with the placeholder of one. */
export class Bindings {
  readonly values: unknown[] = [];

  bind(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

/**
 * A filter as a condition that is true or false, never null: a comparison with null is false, and NOT negates that.
 * An unknown feature or an operand of another type than its feature's fails with INVALID_INPUT.
 */
export function filterSql(index: VectorIndex, filter: VectorFilter, bindings: Bindings): string {
  switch (filter.kind) {
    case 'AND':
      return junction(index, filter.all, ' AND ', 'true', bindings);
    case 'OR':
      return junction(index, filter.any, ' OR ', 'false', bindings);
    case 'NOT':
      return `(NOT ${filterSql(index, filter.filter, bindings)})`;
    case 'IN':
      return membership(index, filter, bindings);
    case 'RANGE':
      return range(index, filter, bindings);
  }
}

function junction(
  index: VectorIndex,
  parts: readonly VectorFilter[],
  word: string,
  none: string,
  bindings: Bindings,
): string {
  return parts.length === 0 ? none : `(${parts.map((part) => filterSql(index, part, bindings)).join(word)})`;
}

type Operand = PayloadColumn & { bytes(value: Scalar): Uint8Array };

function operandOf(index: VectorIndex, name: string): Operand {
  const operand = filterOperand(index, name);
  const column = payloadColumns(index).find(({ position }) => position === operand.position);
  if (column === undefined) throw new TypeError(`the scalar ${name} has no column`);
  const path = `filter.${name}`;
  const bytes = (value: Scalar) => payloadBytes(column, comparedValue(operand, value), path) ?? new Uint8Array();
  return { ...column, bytes };
}

/** NaN equals nothing here; in PostgreSQL it equals itself, so it is not looked for. */
function membership(
  index: VectorIndex,
  { name, values }: Extract<VectorFilter, { kind: 'IN' }>,
  bindings: Bindings,
): string {
  const { column, sqlType, as, bytes } = operandOf(index, name);
  const sought = values.map((value) => ({ value, bytes: bytes(value) })).filter(({ value }) => !Number.isNaN(value));
  const array = binaryArray(
    typeIds[as],
    sought.map((each) => each.bytes),
  );
  return `coalesce(${column} = ANY (${bindings.bind(array, `${sqlType}[]`)}), false)`;
}

const bounds = ['gt', 'gte', 'lt', 'lte'] as const;
const comparisons = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

/** NaN is in no bounds here; in PostgreSQL it is greater than all. Without bounds, whatever is no null passes. */
function range(index: VectorIndex, filter: Extract<VectorFilter, { kind: 'RANGE' }>, bindings: Bindings): string {
  const { column, sqlType, type, bytes } = operandOf(index, filter.name);
  const conditions = bounds.flatMap((bound) => {
    const limit = filter[bound];
    if (limit === undefined) return [];
    const compared = Buffer.from(bytes(limit));
    return Number.isNaN(limit) ? ['false'] : [`${column} ${comparisons[bound]} ${bindings.bind(compared, sqlType)}`];
  });
  if (conditions.length === 0) return `(${column} IS NOT NULL)`;
  if (type === 'FLOAT32' || type === 'FLOAT64') conditions.push(`${column} <> 'NaN'`);
  return `coalesce(${conditions.join(' AND ')}, false)`;
}
