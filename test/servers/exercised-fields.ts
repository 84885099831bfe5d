import { type DocumentNode, Kind, parse } from 'graphql';

const rootTypes = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

/** Which fields of the root types were asked for, as `Query.node`: those that gave an answer, and those refused. */
export class ExercisedFields {
  readonly answered = new Set<string>();
  readonly refused = new Set<string>();

  /** A request that was refused as a whole (it doesn't parse, or fit the schema) counts for each of its fields. */
  record(
    query: string,
    data: Record<string, unknown> | null | undefined,
    errors: readonly { path?: readonly (string | number)[] | undefined }[] = [],
  ): void {
    for (const [answerName, field] of rootFields(query)) {
      if (data?.[answerName] !== undefined && data[answerName] !== null) this.answered.add(field);
      if (errors.some(({ path }) => path === undefined || path[0] === answerName)) this.refused.add(field);
    }
  }
}

function rootFields(query: string): [answerName: string, field: string][] {
  return parsed(query).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    return definition.selectionSet.selections.flatMap((selection): [string, string][] => {
      if (selection.kind !== Kind.FIELD) return [];
      const { name, alias } = selection;
      return [[(alias ?? name).value, `${rootTypes[definition.operation]}.${name.value}`]];
    });
  });
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query);
  } catch {
    return { kind: Kind.DOCUMENT, definitions: [] };
  }
}
