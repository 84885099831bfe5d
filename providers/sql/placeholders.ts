import { Failure } from '../contract/failure.ts';
import type { Relation } from '../contract/relation.ts';
import { replacePlaceholders, statementOf } from '../contract/sql-text.ts';
import { quoteIdentifier } from './quoting.ts';

/** Reading a query takes time in which the process does nothing else. */
const longestQuery = 250_000;

/**
 * The query with its placeholders as names, and the inputs under these names. The name is the placeholder itself,
 * so that the engine's messages read like the query, unless `nameOf` has to shorten it for the engine.
 */
export function substitutePlaceholders(
  sql: string,
  inputs: Readonly<Record<string, Relation>>,
  nameOf: (input: string) => string = placeholderName,
): { sql: string; inputs: Map<string, Relation> } {
  refuseLong(sql);
  const used = new Map<string, Relation>();
  const substituted = replacePlaceholders(statementOf(sql), (name) => {
    const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (input === undefined) {
      const message = `${placeholderName(name)} is not an input of the query`;
      const issues = [{ path: 'sql', message, fix: `register a source ${name}, or correct the name` }];
      throw new Failure('INVALID_INPUT', message, { issues });
    }
    used.set(nameOf(name), input);
    return quoteIdentifier(nameOf(name));
  });
  return { sql: substituted, inputs: used };
}

export function placeholderName(input: string): string {
  return `{{ ${input} }}`;
}

function refuseLong(sql: string): void {
  if (sql.length <= longestQuery) return;
  const message = `the query has ${sql.length} characters, more than the ${longestQuery} that one may have`;
  throw new Failure('LIMIT_EXCEEDED', message, {
    issues: [{ path: 'sql', message, fix: 'register parts of it as transformations of their own' }],
  });
}
