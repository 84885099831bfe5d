import type { Failure } from '../providers/contract/failure.ts';

/** What HTTP says with a 401: how one may say who one is. */
export const challenge = 'Bearer realm="featuregraph"';

/** A request that is refused before anybody answers it, with HTTP's status and the failure to tell. */
export class RequestRefused extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly failure: Pick<Failure, 'message' | 'issues' | 'retryable'>;

  constructor(statusCode: number, code: string, failure: RequestRefused['failure']) {
    super(failure.message);
    this.statusCode = statusCode;
    this.code = code;
    this.failure = failure;
  }
}
