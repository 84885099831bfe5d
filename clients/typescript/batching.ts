import type { CallOptions } from './connection-options.ts';
import { type FeaturegraphError, isTold } from './errors.ts';
import type { Http } from './http.ts';
import { jsonForm } from './json-form.ts';

type Waiting = { query: string; variables: Record<string, unknown>; settle(answer: Promise<unknown>): void };

/** More than this a server may refuse: it counts root fields and aliases. */
const mostTogether = 25;

/**
 * Queries that are asked in the same moment leave as one document, each under aliases of its own. Only the client's own
 * operations, which have one root field each, can be put together. Where one of them fails, each is asked by itself, so
 * that nobody gets the error of another. A call with options of its own is asked alone.
 */
export function batching(http: Http): Http['request'] {
  const waiting: Waiting[] = [];
  const flush = () => {
    while (waiting.length > 0) void askTogether(http, waiting.splice(0, mostTogether));
  };
  return <R>(query: string, variables: unknown, options?: CallOptions): Promise<R> => {
    if (!query.startsWith('query ') || options?.signal !== undefined || options?.timeoutMs !== undefined)
      return http.request<R>(query, variables, options);
    return new Promise<R>((resolve) => {
      if (waiting.length === 0) queueMicrotask(() => queueMicrotask(flush));
      const settle = resolve as (answer: Promise<unknown>) => void;
      // What can't be sent is refused here, and fails nobody else.
      waiting.push({ query, variables: jsonForm(variables ?? {}) as Record<string, unknown>, settle });
    });
  };
}

async function askTogether(http: Http, asked: readonly Waiting[]): Promise<void> {
  const alone = () => {
    for (const { query, variables, settle } of asked) settle(http.request(query, variables));
  };
  if (asked.length === 1) return alone();
  const parts = asked.map(({ query, variables }, at) => aliased(query, variables, at));
  const declared = parts.map((part) => part.declared).join('');
  const fragments = [...new Set(parts.flatMap((part) => part.fragments))].join('');
  const text = `query${declared === '' ? '' : `(${declared})`}{${parts.map((part) => part.field).join(' ')}}${fragments}`;
  try {
    const answer = await http.request<Record<string, unknown>>(
      text,
      Object.assign({}, ...parts.map((part) => part.values)),
    );
    for (const [at, { settle }] of asked.entries())
      settle(Promise.resolve({ [parts[at]?.name ?? '']: answer[`r${at}`] }));
  } catch (error) {
    if (isTold(error as FeaturegraphError)) return alone();
    for (const { settle } of asked) settle(Promise.reject(error));
  }
}

const form = /^query \w+(?:\((.*?)\))?\{((\w+).*)\}$/s;

/** An operation's root field under an alias, its variables renamed likewise. */
function aliased(query: string, variables: Record<string, unknown>, at: number) {
  const [head = '', ...fragments] = query.split(/(?=fragment \w+ on )/);
  const [, declared = '', body = '', name = ''] = form.exec(head) ?? [];
  const renamed = (text: string) => text.replace(/\$(\w+)/g, `$$$1_${at}`);
  return {
    name,
    fragments,
    declared: renamed(declared),
    field: `r${at}:${renamed(body)}`,
    values: Object.fromEntries(Object.entries(variables).map(([key, value]) => [`${key}_${at}`, value])),
  };
}
