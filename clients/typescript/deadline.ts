import { FeaturegraphError } from './errors.ts';

export type Deadline = { signal: AbortSignal; done(): void };

/**
 * Ends with the first of these: the caller's signal, the connection's end, the time that there is. The reason of the signal
 * is then the `FeaturegraphError` to tell. `done` lets go of all three.
 */
export function deadline(
  milliseconds: number | undefined,
  closed: AbortSignal,
  caller: AbortSignal | undefined,
): Deadline {
  const controller = new AbortController();
  const listened = new AbortController();
  const end = (code: string, message: string, details = {}) =>
    controller.abort(new FeaturegraphError(code, message, details));
  const watch = (signal: AbortSignal | undefined, message: string) => {
    const cancel = () => end('CANCELLED', message, { cause: signal?.reason });
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { signal: listened.signal });
  };
  watch(caller, 'The call was cancelled by its caller.');
  watch(closed, 'The connection was closed.');
  const timer =
    milliseconds === undefined
      ? undefined
      : setTimeout(
          () => end('TIMEOUT', `There was no answer within ${milliseconds} ms.`, { retryable: true }),
          milliseconds,
        );
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      listened.abort();
    },
  };
}
