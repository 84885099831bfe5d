import { CriticalityLevel, DiffRule, diff } from '@graphql-inspector/core';
import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { Failure } from '../../providers/contract/failure.ts';

export type SchemaCheck = { breaking: string[]; others: string[] };

/**
 * What changed between two schemas, in words. Breaking is what a client that was right before may fail on; taking away
 * what was deprecated before is not: clients have been told.
 */
export async function checkSchema(before: string, after: string): Promise<SchemaCheck> {
  const changes = await diff(read(before, 'the earlier schema'), read(after, 'the present schema'), [
    DiffRule.suppressRemovalOfDeprecatedField,
  ]);
  const check: SchemaCheck = { breaking: [], others: [] };
  for (const { criticality, message } of changes) {
    (criticality.level === CriticalityLevel.Breaking ? check.breaking : check.others).push(message);
  }
  return check;
}

/** A subgraph has directives that it does not define, and no root fields. */
function read(sdl: string, name: string): GraphQLSchema {
  try {
    return buildSchema(sdl, { assumeValid: true, assumeValidSDL: true });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new Failure('INVALID_INPUT', `${name} can't be read: ${error.message}`);
  }
}
