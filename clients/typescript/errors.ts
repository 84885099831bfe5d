/** One thing that is wrong with an input. */
export type Issue = { path: string; message: string; fix?: string };

/** What the server refused or failed to do. `code` is one of the list in `docs/errors.md`. */
export class FeaturegraphError extends Error {
  readonly code: string;
  readonly issues: readonly Issue[];
  /** Whether the same call can succeed later, as the server says. */
  readonly retryable: boolean;

  constructor(code: string, message: string, issues: readonly Issue[] = [], retryable = false) {
    super(
      [message, ...issues.map((issue) => `  ${issue.path}: ${issue.message}${issue.fix ? ` ${issue.fix}` : ''}`)].join(
        '\n',
      ),
    );
    this.name = 'FeaturegraphError';
    this.code = code;
    this.issues = issues;
    this.retryable = retryable;
  }
}

/** The errors of a GraphQL answer as one; the first one's code counts. */
export function errorFrom(errors: readonly unknown[]): FeaturegraphError {
  const read = errors.map(readError);
  const issues = read.flatMap((error) => error.issues);
  const message = read.map((error) => error.message).join('\n');
  return new FeaturegraphError(read[0]?.code ?? 'INTERNAL', message, issues, read[0]?.retryable);
}

type ReadError = { code: string; message: string; issues: Issue[]; retryable: boolean };

function readError(error: unknown): ReadError {
  const { message, extensions } = error as { message?: string; extensions?: Partial<ReadError> };
  return {
    code: extensions?.code ?? 'INTERNAL',
    message: message ?? 'The server failed.',
    issues: extensions?.issues ?? [],
    retryable: extensions?.retryable ?? false,
  };
}
