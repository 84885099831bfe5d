import type { Operation } from '@urql/core';

/** The root fields that a document asks for. */
export function fieldsOf({ definitions }: Operation['query']): string[] {
  return definitions.flatMap((one) =>
    one.kind === 'OperationDefinition'
      ? one.selectionSet.selections.flatMap((field) => (field.kind === 'Field' ? field.name.value : []))
      : [],
  );
}
