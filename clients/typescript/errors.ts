/** One thing that is wrong with an input. */
export type Issue = { path: string; message: string; fix?: string };

export type ErrorDetails = {
  issues?: readonly Issue[];
  retryable?: boolean;
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
};

/**
 * Whatever went wrong with a call. `code` is one of the list in `docs/errors.md`, also where it was no featuregraph that
 * answered: what lies between then gets the code that its HTTP status comes nearest to.
 */
export class FeaturegraphError extends Error {
  readonly code: string;
  readonly issues: readonly Issue[];
  /** Whether the same call can succeed later. */
  readonly retryable: boolean;
  /** The HTTP status, where there was an answer by HTTP. */
  readonly status: number | undefined;
  /** How long to wait before trying again, where the answer said so. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    const { issues = [], retryable = false, status, retryAfterMs, cause } = details;
    const lines = issues.map((issue) => `  ${issue.path}: ${issue.message}${issue.fix ? ` ${issue.fix}` : ''}`);
    super([message, ...lines].join('\n'), cause === undefined ? undefined : { cause });
    this.name = 'FeaturegraphError';
    this.code = code;
    this.issues = issues;
    this.retryable = retryable;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export function registered<T>(value: T | null | undefined, ref: string): T {
  if (value === null || value === undefined) throw new FeaturegraphError('NOT_FOUND', `"${ref}" is not registered.`);
  return value;
}

/** The errors of a GraphQL answer as one; the first one's code counts. */
export function errorFrom(errors: readonly unknown[], details: ErrorDetails = {}): FeaturegraphError {
  const read = errors.map(readError);
  const message = read.map((error) => error.message).join('\n');
  const issues = read.flatMap((error) => error.issues);
  const { code = 'INTERNAL', retryable = false } = read[0] ?? {};
  const error = new FeaturegraphError(code, message, { retryable, ...details, issues });
  told.add(error);
  return error;
}

const told = new WeakSet<FeaturegraphError>();

/** Whether featuregraph itself said so, and nobody between. */
export function isTold(error: FeaturegraphError): boolean {
  return told.has(error);
}

type ReadError = { code: string; message: string; issues: readonly Issue[]; retryable: boolean };

function readError(error: unknown): ReadError {
  const { message, extensions } = (error ?? {}) as { message?: string; extensions?: Partial<ReadError> };
  return {
    code: extensions?.code ?? 'INTERNAL',
    message: message ?? 'The server failed.',
    issues: Array.isArray(extensions?.issues) ? extensions.issues : [],
    retryable: extensions?.retryable === true,
  };
}

/** What a status says where nothing else does: an answer of a proxy, a gateway, or another server altogether. */
const statuses: Readonly<Record<number, readonly [code: string, words: string, retryable?: boolean]>> = {
  401: ['UNAUTHENTICATED', 'asks for credentials: give an apiKey'],
  403: ['FORBIDDEN', 'forbids this'],
  404: ['NOT_FOUND', 'has nothing at this address: is the path right?'],
  408: ['TIMEOUT', 'waited too long for the request', true],
  413: ['LIMIT_EXCEEDED', 'takes no request as large as this: send less at a time'],
  429: ['LIMIT_EXCEEDED', 'was asked too often', true],
  502: ['UNAVAILABLE', 'could not reach featuregraph', true],
  503: ['UNAVAILABLE', 'is not available', true],
  504: ['TIMEOUT', 'waited too long for featuregraph', true],
};

/** An answer that is none of GraphQL's. */
export function errorOfStatus(address: string, status: number, retryAfterMs?: number): FeaturegraphError {
  const [code, words, retryable] =
    statuses[status] ??
    (status >= 500
      ? ['INTERNAL', 'failed']
      : status >= 400
        ? ['BAD_REQUEST', 'takes no such request']
        : ['UNAVAILABLE', 'is no featuregraph']);
  const message = `${address} answers with status ${status}: it ${words}.`;
  return new FeaturegraphError(code, message, { status, retryAfterMs, retryable: retryable === true });
}
