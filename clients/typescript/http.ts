import type { Address } from './address.ts';
import type { CallOptions, ConnectionOptions } from './connection-options.ts';
import { deadline } from './deadline.ts';
import { errorFrom, errorOfStatus, FeaturegraphError } from './errors.ts';
import { sentDocument } from './named-documents.ts';
import { delayMs, mayRetry, pause, retryAfterMs } from './retrying.ts';

const usualTimeoutMs = 60_000;

/** Requests by HTTP, tried again where that is safe. */
export type Http = {
  request<R>(query: string, variables: unknown, options?: CallOptions): Promise<R>;
  /** The answer to a GET of a path that the server named, once its head is there. */
  download(path: string, options?: CallOptions): Promise<Response>;
  /** What says who asks. */
  credentials(): Promise<Record<string, string>>;
};

export function openHttp(address: Address, options: ConnectionOptions, closed: AbortSignal): Http {
  const { retries = 2, timeoutMs = usualTimeoutMs, apiKey } = options;
  const authorization = apiKey === undefined ? address.authorization : `Bearer ${apiKey}`;

  async function credentials(): Promise<Record<string, string>> {
    const own = typeof options.headers === 'function' ? await options.headers() : options.headers;
    return {
      ...(authorization !== undefined && { authorization }),
      ...own,
    };
  }

  /** One attempt: an answer, whatever its status. */
  async function send(url: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), ...(await credentials()) };
    try {
      return await (options.fetch ?? globalThis.fetch)(url, { ...init, headers });
    } catch (cause) {
      throw init.signal.aborted ? init.signal.reason : unreachable(address, cause);
    }
  }

  async function ask<R>(body: string, signal: AbortSignal): Promise<R> {
    if (signal.aborted) throw signal.reason;
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const answer = await send(address.graphql, { method: 'POST', headers, body, signal });
    const text = await answer.text().catch((cause: unknown) => {
      throw signal.aborted ? signal.reason : unreachable(address, cause);
    });
    return readAnswer<R>(address, answer, text);
  }

  /** Tries until it succeeds, or trying again is of no use, or there is no more time. */
  async function insist<T>(
    isQuery: boolean,
    call: CallOptions,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { signal, done } = deadline(call.timeoutMs ?? timeoutMs, closed, call.signal);
    try {
      for (let failed = 1; ; failed++) {
        const error = await attempt(signal).then(
          (answer) => ({ answer }),
          (thrown: unknown) => thrown,
        );
        if (!(error instanceof Error)) return (error as { answer: T }).answer;
        await pause(restOf(error, failed, isQuery, call.timeoutMs ?? timeoutMs), signal);
      }
    } finally {
      done();
    }
  }

  /** How long to wait before the next attempt; throws where there is to be none. */
  function restOf(error: Error, failed: number, isQuery: boolean, most: number): number {
    if (!(error instanceof FeaturegraphError) || failed > retries || !mayRetry(error, isQuery)) throw error;
    const rest = Math.max(delayMs(failed), error.retryAfterMs ?? 0);
    if (rest > most) throw error;
    return rest;
  }

  return {
    credentials,
    request: (query, variables, call = {}) => {
      const body = JSON.stringify({ ...sentDocument(query, options.documents), variables });
      // Whatever speaks of a mutation may be one.
      return insist(!/\bmutation\b/.test(query), call, (signal) => ask(body, signal));
    },
    download: (path, call = {}) => {
      // The time is for the answer to begin: a large file may take as long as it takes.
      return insist(true, call, async () => {
        const both = AbortSignal.any([closed, ...(call.signal ? [call.signal] : [])]);
        const answer = await send(address.below(path), { signal: both });
        if (answer.ok) return answer;
        throw refusedDownload(address, answer, await answer.text().catch(() => ''));
      });
    },
  };
}

function readAnswer<R>(address: Address, answer: Response, text: string): R {
  const { status } = answer;
  const after = retryAfterMs(answer.headers.get('retry-after'));
  const read = parsed(text) as { data?: R; errors?: unknown } | null | undefined;
  const details = { status, retryAfterMs: after };
  if (Array.isArray(read?.errors) && read.errors.length > 0) {
    const retryable = status === 429 ? { retryable: true } : {};
    throw errorFrom(read.errors, { ...details, ...retryable });
  }
  if (answer.ok && typeof read?.data === 'object' && read.data !== null) return read.data;
  throw errorOfStatus(address.shown, status, after);
}

/** Downloads answer with an error's own fields, other addresses as the graph does. */
function refusedDownload(address: Address, { status, headers }: Response, text: string): FeaturegraphError {
  const said = parsed(text) as (Partial<FeaturegraphError> & { errors?: unknown }) | null | undefined;
  const after = retryAfterMs(headers.get('retry-after'));
  if (Array.isArray(said?.errors) && said.errors.length > 0)
    return errorFrom(said.errors, { status, retryAfterMs: after });
  if (typeof said?.code !== 'string') return errorOfStatus(address.shown, status, after);
  return errorFrom([{ message: said.message, extensions: said }], { status, retryAfterMs: after });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable({ shown }: Address, cause: unknown): FeaturegraphError {
  return new FeaturegraphError('UNAVAILABLE', `No server answers at ${shown}.`, { cause, retryable: true });
}
