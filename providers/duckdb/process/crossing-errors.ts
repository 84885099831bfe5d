import { Failure, type FailureCode, type Issue } from '../../contract/failure.ts';

/** An error as it crosses between processes. `CARRIED` is one of the other side's rows, which has kept it. */
export type CrossingError =
  | {
      kind: 'FAILURE';
      code: FailureCode;
      message: string;
      issues: Issue[];
      retryable: boolean;
      provider: string | undefined;
      cause: string | undefined;
    }
  | { kind: 'DEFECT'; name: string; message: string; stack: string | undefined }
  | { kind: 'CARRIED'; rows: number };

/** An error that the other side threw while it gave rows, on its way back there. */
export class CarriedError extends Error {
  readonly rows: number;

  constructor(rows: number) {
    super('the rows that were asked for failed');
    this.rows = rows;
  }
}

export function crossError(error: unknown): CrossingError {
  if (error instanceof CarriedError) return { kind: 'CARRIED', rows: error.rows };
  if (error instanceof Failure) {
    const { code, message, issues, retryable, provider, cause } = error;
    const told = cause instanceof Error ? (cause.stack ?? cause.message) : undefined;
    return { kind: 'FAILURE', code, message, issues: [...issues], retryable, provider, cause: told };
  }
  if (!(error instanceof Error)) return { kind: 'DEFECT', name: 'Error', message: String(error), stack: undefined };
  return { kind: 'DEFECT', name: error.name, message: error.message, stack: error.stack };
}

/** What was thrown on the other side; `carried` finds what this side threw. */
export function arrivedError(crossed: CrossingError, carried: (rows: number) => unknown): unknown {
  if (crossed.kind === 'CARRIED') return carried(crossed.rows);
  if (crossed.kind === 'FAILURE') {
    const { code, message, issues, retryable, provider, cause } = crossed;
    return new Failure(code, message, {
      issues,
      retryable,
      ...(provider !== undefined && { provider }),
      ...(cause !== undefined && { cause: new Error(cause) }),
    });
  }
  const error = new Error(crossed.message);
  error.name = crossed.name;
  if (crossed.stack !== undefined) error.stack = crossed.stack;
  return error;
}
