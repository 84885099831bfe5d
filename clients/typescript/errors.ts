/** One thing that is wrong with an input. */
export type Issue = { path: string; message: string; fix?: string };

/** What the server refused or failed to do. `code` is one of the list in `docs/errors.md`. */
export class FeaturegraphError extends Error {
  readonly code: string;
  readonly issues: readonly Issue[];

  constructor(code: string, message: string, issues: readonly Issue[] = []) {
    super(
      [message, ...issues.map((issue) => `  ${issue.path}: ${issue.message}${issue.fix ? ` ${issue.fix}` : ''}`)].join(
        '\n',
      ),
    );
    this.name = 'FeaturegraphError';
    this.code = code;
    this.issues = issues;
  }
}

/** The errors of a GraphQL answer as one; the first one's code counts. */
export function errorFrom(errors: readonly unknown[]): FeaturegraphError {
  const read = errors.map(readError);
  const issues = read.flatMap((error) => error.issues);
  return new FeaturegraphError(read[0]?.code ?? 'INTERNAL', read.map((error) => error.message).join('\n'), issues);
}

function readError(error: unknown): { code: string; message: string; issues: Issue[] } {
  const { message, extensions } = error as { message?: string; extensions?: { code?: string; issues?: Issue[] } };
  return {
    code: extensions?.code ?? 'INTERNAL',
    message: message ?? 'The server failed.',
    issues: extensions?.issues ?? [],
  };
}
