import { useEffect, useState } from 'react';
import type { CombinedError } from 'urql';
import { JobLog as JobLogDocument, type JobLogQuery } from '../generated/operations.ts';
import { useRepeatedQuery } from '../graph/use-repeated-query.ts';

export type LogLine = NonNullable<JobLogQuery['job']>['log'][number];

/** How many lines the graph answers with at once. */
const mostAtOnce = 10_000;

/**
 * What a job has written, line by line: each revision of the job may have lines of its own, and only what comes after those that
 * are here is asked for. Undefined until it is known whether there are any.
 */
export function useJobLog(
  id: string,
  revision: number,
): { lines: readonly LogLine[] | undefined; error?: CombinedError } {
  const [lines, setLines] = useState<readonly LogLine[]>();
  const [asked, setAsked] = useState<{ revision: number; after: number | null }>({ revision, after: null });
  const last = lines?.at(-1)?.seq ?? null;
  if (asked.revision !== revision) setAsked({ revision, after: last });
  const variables = { id, after: asked.after };
  const [{ data, error }, ask] = useRepeatedQuery({ query: JobLogDocument, variables, requestPolicy: 'network-only' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: where nothing has come since, the same is asked for again.
  useEffect(ask, [revision]);
  useEffect(() => {
    const more = data?.job?.log;
    if (more === undefined) return;
    setLines((before) => joined(before, more));
    if (more.length >= mostAtOnce) setAsked((before) => ({ ...before, after: more.at(-1)?.seq ?? null }));
  }, [data]);
  return { lines, ...(error && { error }) };
}

/** An answer may be that of an earlier question, and hold what is here. */
function joined(before: readonly LogLine[] = [], more: readonly LogLine[]): readonly LogLine[] {
  const last = before.at(-1)?.seq ?? 0;
  const fresh = more.filter(({ seq }) => seq > last);
  return fresh.length === 0 ? before : [...before, ...fresh];
}
