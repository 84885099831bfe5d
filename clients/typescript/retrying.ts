import { type FeaturegraphError, isTold } from './errors.ts';

const [firstDelayMs, longestDelayMs] = [100, 5_000];

/** How long to wait before trying for the `attempt`th time again, from 1: drawn at random, so that not all come at once. */
export function delayMs(attempt: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

/** Causes of a failed request, by Node's names, in which nobody has received any of it. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Whether to try again. A query changes nothing, so it may be asked twice; a mutation only where it was surely not received,
 * or where featuregraph itself says that trying again can help. What waits for a job is not waited for here.
 */
export function mayRetry(error: FeaturegraphError, isQuery: boolean): boolean {
  if (!error.retryable || error.code === 'NOT_READY') return false;
  return isQuery || error.status === 429 || isTold(error) || wasNeverSent(error.cause);
}

function wasNeverSent(cause: unknown): boolean {
  const { code, errors, cause: deeper } = (cause ?? {}) as { code?: string; errors?: unknown[]; cause?: unknown };
  if (code !== undefined && neverSent.has(code)) return true;
  return Array.isArray(errors) ? errors.every(wasNeverSent) : deeper !== undefined && wasNeverSent(deeper);
}

/** Resolves after a while, or rejects with why the call has ended. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}

/** `Retry-After`, in seconds or as a date. */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
