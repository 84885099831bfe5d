import { Failure } from '../../providers/contract/failure.ts';
import { isConnectionLost } from '../state/connection-lost.ts';
import type { JobError } from './job.ts';

export type RetryDelays = {
  /** Before the second attempt; each later one waits about twice as long as the one before. */
  firstMs: number;
  longestMs: number;
};

/** Exponential, with the upper half random, so that jobs that failed together don't come back together. */
export function retryDelayMs(attempts: number, delays: RetryDelays, random = Math.random()): number {
  const whole = Math.min(delays.longestMs, delays.firstMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(whole / 2 + (whole / 2) * random);
}

/** What a user is told of an error, and whether another attempt can help. A defect's own words stay in our log. */
export function judgeError(error: unknown): { told: JobError; retryable: boolean; defect: boolean } {
  if (error instanceof Failure) {
    const { code, message, issues, retryable } = error;
    return { told: { code, message, issues: [...issues] }, retryable, defect: false };
  }
  if (isConnectionLost(error)) {
    const message = 'The connection to a database was lost while the job ran.';
    return { told: { code: 'UNAVAILABLE', message, issues: [] }, retryable: true, defect: false };
  }
  const message = "Something went wrong inside featuregraph. The server's log has the details, by this job's id.";
  return { told: { code: 'INTERNAL', message, issues: [] }, retryable: false, defect: true };
}
