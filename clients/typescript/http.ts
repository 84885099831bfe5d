import type { Address } from './address.ts';
import type { CallOptions, ConnectionOptions } from './connection-options.ts';
import { deadline } from './deadline.ts';
import { errorFrom, errorOfStatus, FeaturegraphError } from './errors.ts';
import { sentOperation } from './named-documents.ts';
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

  /** One attempt: what was answered, or, of a file, the answer whose body it is. */
  async function attempt<T>(url: string, init: RequestInit): Promise<T> {
    const headers = { ...(init.headers as Record<string, string>), ...(await credentials()) };
    try {
      const answer = await (options.fetch ?? globalThis.fetch)(url, { ...init, headers });
      const isFile = answer.ok && init.body === undefined;
      return isFile ? (answer as T) : readAnswer<T>(address, answer, await answer.text());
    } catch (cause) {
      throw cause instanceof FeaturegraphError ? cause : unreachable(address, cause);
    }
  }

  /** Tries until it succeeds, or trying again is of no use, or there is no more time. */
  async function insist<T>(url: string, init: RequestInit, isQuery: boolean, call: CallOptions): Promise<T> {
    const most = call.timeoutMs ?? timeoutMs;
    const { signal, ended, done } = deadline(most, closed, call.signal);
    let isFile = false;
    try {
      for (let failed = 1; ; failed++) {
        try {
          signal.throwIfAborted();
          const answer = await Promise.race([ended, attempt<T>(url, { ...init, signal })]);
          isFile = init.body === undefined;
          return answer;
        } catch (thrown) {
          await pause(restOf(thrown, failed, isQuery, most), signal);
        }
      }
    } finally {
      // The time is for a file to begin: a large one may take as long as it takes.
      done(isFile);
    }
  }

  /** How long to wait before the next attempt; throws where there is to be none. */
  function restOf(error: unknown, failed: number, isQuery: boolean, most: number): number {
    if (!(error instanceof FeaturegraphError) || failed > retries || !mayRetry(error, isQuery)) throw error;
    const rest = Math.max(delayMs(failed), error.retryAfterMs ?? 0);
    if (rest > most) throw error;
    return rest;
  }

  return {
    credentials,
    request: async (query, variables, call = {}) => {
      const body = JSON.stringify(sentOperation(query, variables, options.documents));
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      // Whatever speaks of a mutation may be one.
      return insist(address.graphql, { method: 'POST', headers, body }, !/\bmutation\b/.test(query), call);
    },
    download: (path, call = {}) => insist(address.below(path), {}, true, call),
  };
}

/** What the graph answered; throws what it, a download or whatever lies between says that is wrong. */
function readAnswer<R>({ shown }: Address, { ok, status, headers }: Response, text: string): R {
  const retryAfter = retryAfterMs(headers.get('retry-after'));
  const said = parsed(text) as
    | { data?: R; errors?: unknown; retryable?: unknown; message?: unknown }
    | null
    | undefined;
  // Downloads answer with an error's own fields.
  const errors = typeof said?.retryable === 'boolean' ? [{ message: said.message, extensions: said }] : said?.errors;
  if (Array.isArray(errors) && errors.length > 0) {
    const retryable = status === 429 ? { retryable: true } : {};
    throw errorFrom(errors, { status, retryAfterMs: retryAfter, ...retryable });
  }
  if (ok && typeof said?.data === 'object' && said.data !== null) return said.data;
  throw errorOfStatus(shown, status, retryAfter);
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
