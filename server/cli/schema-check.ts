import { CriticalityLevel, DiffRule, diff } from '@graphql-inspector/core';
import { buildSchema, GraphQLError, type GraphQLSchema, isObjectType } from 'graphql';
import { Failure } from '../../providers/contract/failure.ts';

export type SchemaCheck = { breaking: string[]; others: string[] };

/**
 * What changed between two schemas, in words. Breaking is what a client that was right before may fail on; taking away
 * what was deprecated before is not: clients have been told.
 */
export async function checkSchema(before: string, after: string): Promise<SchemaCheck> {
  const [earlier, present] = [read(before, 'the earlier schema'), read(after, 'the present schema')];
  const changes = await diff(earlier, present, [DiffRule.suppressRemovalOfDeprecatedField]);
  const check: SchemaCheck = { breaking: newlyHidden(earlier, present), others: [] };
  for (const { criticality, message } of changes) {
    (criticality.level === CriticalityLevel.Breaking ? check.breaking : check.others).push(message);
  }
  return check;
}

/** A field that is hidden from now on is gone for the clients of a supergraph, though the subgraph still has it. */
function newlyHidden(earlier: GraphQLSchema, present: GraphQLSchema): string[] {
  const before = hiddenFields(earlier);
  return [...hiddenFields(present)]
    .filter((place) => !before.has(place))
    .map((place) => `Field '${place}' is hidden from clients by @inaccessible`);
}

function hiddenFields(schema: GraphQLSchema): Set<string> {
  const places = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
    .filter(({ field }) => field.astNode?.directives?.some(({ name }) => name.value === 'inaccessible'));
  return new Set(places.map(({ type, field }) => `${type.name}.${field.name}`));
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
