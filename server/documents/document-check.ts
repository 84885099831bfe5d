import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, visit } from 'graphql';
import { Failure, type Issue } from '../../providers/contract/failure.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import type { OperationType } from '../../src/documents/document.ts';
import type { CheckedDocument } from '../../src/documents/trusted-documents.ts';
import { refusalOfText } from '../limits/document-limits.ts';
import { isDocument, readDocument } from '../limits/read-document.ts';

const types = { query: 'QUERY', mutation: 'MUTATION', subscription: 'SUBSCRIPTION' } as const;

/** Holds a document that is to be published to the same as one that is asked, and to being one operation. */
export function checkDocument(
  schema: GraphQLSchema,
  text: string,
  configuration: Pick<Configuration, 'limits' | 'web'>,
): CheckedDocument {
  const tooLong = refusalOfText(text, configuration.limits);
  if (tooLong !== undefined) return issuesOf(tooLong);
  const document = readDocument(schema, text, configuration);
  if (!isDocument(document)) return document.flatMap(issuesOf);
  const operations = document.definitions.filter(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  );
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) return [severalOperations(operations.length)];
  const type: OperationType = types[operation.operation];
  return holdsSecret(document) ? [secretInText] : { name: operation.name?.value ?? null, operation: type };
}

function issuesOf({
  message,
  originalError,
  locations,
}: Error & Partial<{ originalError: unknown; locations: readonly { line: number; column: number }[] }>): Issue[] {
  if (originalError instanceof Failure) return [...originalError.issues];
  const [place] = locations ?? [];
  const at = place === undefined ? '' : ` (line ${place.line}, column ${place.column})`;
  return [{ path: 'text', message: `${message}${at}` }];
}

function severalOperations(found: number): Issue {
  const fix = 'Write one operation, with the fragments that it uses, in each.';
  return { path: 'text', message: `has ${found} operations`, fix };
}

const secretInText: Issue = {
  path: 'text',
  message: 'holds a secret that is to be sealed, and would show it to everybody',
  fix: 'Give it as a variable.',
};

function holdsSecret(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    ObjectField: ({ name, value }) => {
      if (name.value === 'sealed' && value.kind === Kind.STRING) found = true;
    },
  });
  return found;
}
