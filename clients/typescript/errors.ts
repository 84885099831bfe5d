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
  declare readonly code: string;
  declare readonly issues: readonly Issue[];
  /** Whether the same call can succeed later. */
  declare readonly retryable: boolean;
  /** The HTTP status, where there was an answer by HTTP. */
  declare readonly status: number | undefined;
  /** How long to wait before trying again, where the answer said so. */
  declare readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    const { issues = [], retryable = false, status, retryAfterMs, cause } = details;
    const lines = issues.map((issue) => `  ${issue.path}: ${issue.message}${issue.fix ? ` ${issue.fix}` : ''}`);
    super([message, ...lines].join('\n'), cause === undefined ? undefined : { cause });
    Object.assign(this, { name: 'FeaturegraphError', code, issues, retryable, status, retryAfterMs });
  }
}

export function registered<T>(value: T | null | undefined, ref: string): T {
  if (value === null || value === undefined) throw new FeaturegraphError('NOT_FOUND', `"${ref}" is not registered.`);
  return value;
}

type GraphError = { message?: string; extensions?: { code?: unknown; issues?: unknown; retryable?: unknown } } | null;

/**
 * The errors of a GraphQL answer as one; the first one's code counts, or what the status comes nearest to where a gateway
 * gives none.
 */
export function errorFrom(errors: readonly unknown[], details: ErrorDetails = {}): FeaturegraphError {
  const all = errors as readonly GraphError[];
  const { status = 0 } = details;
  const [ofStatus, , again] = said(status < 400 ? 500 : status);
  const { code, retryable = again } = all[0]?.extensions ?? {};
  const issues = all
    .map((error) => error?.extensions?.issues)
    .filter(Array.isArray)
    .flat();
  const message = all.map((error) => error?.message ?? 'The server failed.').join('\n');
  const isCoded = typeof code === 'string';
  const known = { retryable: retryable === true, ...details, issues };
  const error = new FeaturegraphError(isCoded ? code : ofStatus, message, known);
  if (isCoded) told.add(error);
  return error;
}

const told = new WeakSet<FeaturegraphError>();

/** Whether featuregraph itself said so, and nobody between. */
export function isTold(error: FeaturegraphError): boolean {
  return told.has(error);
}

/** What a status says where nothing else does: an answer of a proxy, a gateway, or another server altogether. */
const statuses: Readonly<Record<number, readonly [code: string, words: string, retryable?: boolean]>> = {
  401: ['UNAUTHENTICATED', 'asks for credentials: give an apiKey'],
  403: ['FORBIDDEN', 'forbids this'],
  404: ['NOT_FOUND', 'has nothing at this path'],
  408: ['TIMEOUT', 'waited too long for the request', true],
  413: ['LIMIT_EXCEEDED', 'takes no request as large'],
  429: ['LIMIT_EXCEEDED', 'was asked too often', true],
  502: ['UNAVAILABLE', 'could not reach featuregraph', true],
  503: ['UNAVAILABLE', 'is not available', true],
  504: ['TIMEOUT', 'waited too long for featuregraph', true],
};

function said(status: number): readonly [code: string, words: string, retryable?: boolean] {
  if (status < 400) return ['UNAVAILABLE', 'is no featuregraph'];
  return statuses[status] ?? (status < 500 ? ['BAD_REQUEST', 'takes no such request'] : ['INTERNAL', 'failed']);
}

/** An answer that is none of GraphQL's. */
export function errorOfStatus(address: string, status: number, retryAfterMs?: number): FeaturegraphError {
  const [code, words, retryable = false] = said(status);
  const message = `${address} answers with status ${status}: it ${words}.`;
  return new FeaturegraphError(code, message, { status, retryAfterMs, retryable });
}
