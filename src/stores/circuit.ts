import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type IPolicy,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { Failure } from '../../providers/contract/failure.ts';

const failuresToOpen = 5;
const [shortestRestMs, longestRestMs] = [250, 10_000];

/** Nobody is told that what was in time is over: aborting a signal for it would be a twentieth of what a request of one row costs. */
const lateIsOver = { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false };

/**
 * Keeps requests from waiting for a store that is down. A read that takes longer than `deadlineMs` has failed with
 * TIMEOUT. After five failures in a row that trying again could mend, reads fail at once with UNAVAILABLE, and every
 * now and then one is let through: the first that succeeds lets all through. The rests between grow, with jitter, so
 * that processes do not come back at the same moment.
 */
export class Circuit {
  readonly #breaker: CircuitBreakerPolicy;
  readonly #policy: IPolicy;
  readonly #deadlineMs: number;
  #last: Failure | undefined;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
    this.#breaker = circuitBreaker(
      handleWhen((error) => error instanceof TaskCancelledError || (error instanceof Failure && error.retryable)),
      {
        breaker: new ConsecutiveBreaker(failuresToOpen),
        halfOpenAfter: new ExponentialBackoff({ initialDelay: shortestRestMs, maxDelay: longestRestMs }),
      },
    );
    this.#policy = wrap(this.#breaker, timeout(deadlineMs, lateIsOver));
  }

  async run<T>(read: () => Promise<T>): Promise<T> {
    try {
      // The policy itself would have all others wait for the one that is let through, and then begin.
      if (this.#breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
      return await this.#policy.execute(read);
    } catch (error) {
      throw this.#asFailure(error);
    }
  }

  #asFailure(error: unknown): unknown {
    if (error instanceof BrokenCircuitError) {
      const why = this.#last?.message ?? 'its last answers were failures';
      return new Failure(
        'UNAVAILABLE',
        `It failed ${failuresToOpen} times in a row and is left alone for a moment: ${why}`,
      );
    }
    if (error instanceof TaskCancelledError) {
      this.#last = late(this.#deadlineMs);
      return this.#last;
    }
    if (error instanceof Failure) this.#last = error;
    return error;
  }
}

/** Fails with TIMEOUT when work takes longer; the work itself goes on. */
export async function withinDeadline<T>(deadlineMs: number, work: () => Promise<T>): Promise<T> {
  try {
    return await timeout(deadlineMs, lateIsOver).execute(work);
  } catch (error) {
    throw error instanceof TaskCancelledError ? late(deadlineMs) : error;
  }
}

function late(deadlineMs: number): Failure {
  return new Failure('TIMEOUT', `it did not answer within ${deadlineMs} ms`);
}
