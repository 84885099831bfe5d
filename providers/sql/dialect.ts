import type { Column } from '../contract/offline-store.ts';

/** A relation as one engine names it: `from` stands after FROM (a quoted name, a function call or a subquery). */
export type SqlRelation = { from: string; columns: readonly Column[] };

/** What the compilers of this folder need to know about an engine's SQL. Expressions go in and out as SQL text. */
export type SqlDialect = {
  quote(identifier: string): string;
  integer(value: bigint): string;
  /**
   * A column's value as it is. Where it is a time that no value type holds, the statement fails with `unheldTimeText`:
   * so do `microseconds`, `comparable` and `instant`. `canonical` leaves it to whoever reads the answer, and knows its row.
   */
  held(expression: string, column: Column): string;
  /** Microseconds since 1970-01-01T00:00:00Z as a 64-bit integer, from a DATE or TIMESTAMP column; naive means UTC. */
  microseconds(expression: string, column: Column): string;
  /** A form that `=` and PARTITION BY compare as values of the column's type, whatever the width it is stored in. */
  comparable(expression: string, column: Column): string;
  /** The instant of a DATE (its midnight) or TIMESTAMP column, as TIMESTAMP of our table is called in the engine. */
  instant(expression: string, column: Column): string;
  /** The value exactly as its type of our table is called in the engine. */
  canonical(expression: string, column: Column): string;
  /**
   * Expressions whose descending order, nulls last, is the tie-break of the contract, and under which two values
   * are equal only when they are the same to the bit.
   */
  tieOrder(expression: string, column: Column): string[];
  /** What the engine calls our STRING. */
  text: string;
  /** A key as the text that `SplitPlan` says. */
  keyText(expression: string, column: Column): string;
  /** A text as it is compared by its bytes. */
  bytewise(expression: string): string;
  /** Fewer terms with the same descending order, nulls last, for an engine that takes only so many. */
  folded?(terms: readonly string[]): string[];
};

/** A column of the relation that a SELECT calls `source`; qualified, so that no name of ours can hide it. */
export function sourceColumn(dialect: SqlDialect): (name: string) => string {
  return (name) => `source.${dialect.quote(name)}`;
}

export function columnNamed(relation: SqlRelation, name: string): Column {
  const column = relation.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new RangeError(`the relation has no column ${name}`);
  return column;
}
