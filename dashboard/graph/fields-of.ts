import type { Operation } from '@urql/core';

/** The root fields that a document asks for. */
export function fieldsOf({ definitions }: Operation['query']): string[] {
  return definitions.flatMap((one) =>
    one.kind === 'OperationDefinition'
      ? one.selectionSet.selections.flatMap((field) => (field.kind === 'Field' ? field.name.value : []))
      : [],
  );
}

/** What its operation is called. */
export function operationNameOf({ definitions }: Operation['query']): string | undefined {
  const operation = definitions.find((one) => one.kind === 'OperationDefinition');
  return operation && 'name' in operation ? operation.name?.value : undefined;
}
