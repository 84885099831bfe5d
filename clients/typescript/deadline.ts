import { FeaturegraphError } from './errors.ts';

export type Deadline = {
  signal: AbortSignal;
  /** Rejects when the signal ends, as its reason. */
  ended: Promise<never>;
  /** Lets go of the time, and of the other two unless what they end goes on. */
  done(goesOn?: boolean): void;
};

/**
 * Ends with the first of these: the caller's signal, the connection's end, the time that there is. The reason of the signal
 * is then the `FeaturegraphError` to tell.
 */
export function deadline(
  milliseconds: number | undefined,
  closed: AbortSignal,
  caller: AbortSignal | undefined,
): Deadline {
  const controller = new AbortController();
  const listened = new AbortController();
  const { signal } = controller;
  const end = (code: string, message: string, details = {}) =>
    controller.abort(new FeaturegraphError(code, message, details));
  const ended = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  // Nobody may be waiting for it any more.
  ended.catch(() => {});
  const watch = (other: AbortSignal | undefined, message: string) => {
    const cancel = () => end('CANCELLED', message, { cause: other?.reason });
    if (other?.aborted) cancel();
    else other?.addEventListener('abort', cancel, { signal: listened.signal });
  };
  watch(caller, 'The call was cancelled by its caller.');
  watch(closed, 'The connection was closed.');
  const late = () => end('TIMEOUT', `There was no answer within ${milliseconds} ms.`, { retryable: true });
  const timer = milliseconds === undefined ? undefined : setTimeout(late, milliseconds);
  return {
    signal,
    ended,
    done(goesOn) {
      clearTimeout(timer);
      if (goesOn !== true) listened.abort();
    },
  };
}
