import { inRow, isTemporal, unheldValue, unreadableValue } from '../contract/unreadable-value.ts';
import type { ValueType } from '../contract/value-type.ts';
import type { PostgresSession, Watch } from './postgres-connections.ts';
import type { RunPart } from './postgres-tables.ts';

/** The first instant that 64 bits of microseconds since 1970 don't hold, or that an engine keeps for its infinity. */
const tooLate = "timestamptz '294247-01-10 04:00:54.775807+00'";

/**
 * Fails, naming column and row, where a table of answers holds what nobody could read:
 * infinite days and instants, those beyond our type, and arrays of more than one dimension.
 */
export async function refuseUnreadable(
  table: string,
  { first, columns }: RunPart,
  session: PostgresSession,
  watch: Watch,
): Promise<void> {
  const tests = columns.flatMap(({ type }, index) => {
    const found = [
      ...(isTemporal(type) ? [isBeyond(`c${first + index}`, type)] : []),
      ...isMatrix(`c${first + index}`, type),
    ];
    return found.map((condition) => ({ index, condition }));
  });
  if (tests.length === 0) return;
  const which = tests.map(({ condition }, at) => `WHEN ${condition} THEN ${at}`).join(' ');
  const texts = tests.map(({ index }, at) => `WHEN ${at} THEN c${first + index}::text`).join(' ');
  const { rows } = await session.run(
    `SELECT row, found, CASE found ${texts} END FROM (SELECT *, CASE ${which} END AS found FROM ${table}) AS tested
     WHERE found IS NOT NULL ORDER BY row LIMIT 1`,
    watch,
  );
  const [row, found, text] = rows[0] ?? [];
  const test = tests[Number(found)];
  if (row === undefined || row === null || test === undefined) return;
  const name = columns[test.index]?.name ?? '';
  throw inRow(
    test.condition.startsWith('array_ndims')
      ? unreadableValue(name, 'an array of more than one dimension', 'flatten it')
      : unheldValue(name, String(text)),
    `row ${row}`,
  );
}

function isBeyond(expression: string, type: ValueType): string {
  if (type.kind === 'ARRAY')
    return `EXISTS (SELECT FROM unnest(${expression}) AS one (value) WHERE ${beyond('one.value', type.element)})`;
  return beyond(expression, type.kind === 'SCALAR' ? type.name : '');
}

function beyond(expression: string, name: string): string {
  const infinite = `NOT isfinite(${expression})`;
  return name === 'TIMESTAMP' ? `(${infinite} OR ${expression} >= ${tooLate})` : infinite;
}

function isMatrix(expression: string, { kind }: ValueType): string[] {
  return kind === 'SCALAR' || kind === 'MAP' ? [] : [`array_ndims(${expression}) > 1`];
}
