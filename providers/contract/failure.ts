/**
 * Every failure that a user can meet, by code. The list is closed: `docs/errors.md` describes each one, and a
 * test holds the two together. Whether trying again can help is a property of the code, unless the failure says
 * otherwise itself; it never follows from the message.
 */
export const failureCodes = {
  INVALID_INPUT: { retryable: false },
  UNAUTHENTICATED: { retryable: false },
  FORBIDDEN: { retryable: false },
  NOT_FOUND: { retryable: false },
  RESOURCE_CHANGED: { retryable: false },
  IN_USE: { retryable: false },
  CONFLICT: { retryable: false },
  DOCUMENT_NOT_FOUND: { retryable: false },
  DOCUMENT_NOT_TRUSTED: { retryable: false },
  LIMIT_EXCEEDED: { retryable: false },
  QUERY_REFUSED: { retryable: false },
  QUERY_FAILED: { retryable: false },
  SCHEMA_MISMATCH: { retryable: false },
  UNSUPPORTED: { retryable: false },
  NOT_READY: { retryable: true },
  UNAVAILABLE: { retryable: true },
  TIMEOUT: { retryable: true },
  CANCELLED: { retryable: false },
  INTERNAL: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type FailureCode = keyof typeof failureCodes;

/** One thing that is wrong with an input: where it is, what is wrong, and what would put it right. */
export type Issue = { path: string; message: string; fix?: string };

/** Each issue once: several checks may meet the same fault. */
export function distinctIssues(issues: readonly Issue[]): Issue[] {
  const seen = new Set<string>();
  return issues.filter(({ path, message }) => {
    const said = JSON.stringify([path, message]);
    return !seen.has(said) && seen.add(said);
  });
}

/**
 * A failure that is meant for the user: its message names what is wrong and how to mend it, and holds nothing
 * internal (no stack, no address of a server, no secret). Anything thrown that is not a `Failure` is a defect,
 * is logged whole, and reaches the user as `INTERNAL` without its text.
 */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly issues: readonly Issue[];
  /** The provider whose store failed, where an answer is told of several. */
  readonly provider: string | undefined;
  /** Whether trying the same again can help. */
  readonly retryable: boolean;

  constructor(
    code: FailureCode,
    message: string,
    options: { issues?: readonly Issue[]; provider?: string; cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.issues = distinctIssues(options.issues ?? []);
    this.provider = options.provider;
    this.retryable = options.retryable ?? failureCodes[code].retryable;
  }
}
