import type { CallOptions } from './connection-options.ts';
import { FeaturegraphError } from './errors.ts';
import type { EventQueue } from './event-queue.ts';
import {
  type JobFilter,
  type JobStateFragment,
  type JobUpdatesSubscription,
  type Operations,
  operationTexts,
} from './generated/operations.ts';
import { pagesOf } from './pages.ts';
import type { Socket } from './socket.ts';

export type Jobs = {
  /**
   * Every unfinished job that matches as it is now, and those named, then each change; over lost connections and restarts of
   * the server, and no job's end is missed for one. Of jobs named by id alone it ends when all have ended.
   */
  watch(which?: string | readonly string[] | JobFilter, options?: CallOptions): AsyncGenerator<JobStateFragment>;
  /** Waits until all have ended, and answers with them. Fails as the first that did not succeed did. */
  wait(ids: string | readonly string[], options?: CallOptions): Promise<JobStateFragment[]>;
  /** All that match, the newest first. */
  list(filter?: JobFilter, options?: CallOptions): AsyncGenerator<JobStateFragment>;
};

export function isUnfinished({ state }: Pick<JobStateFragment, 'state'>): boolean {
  return state === 'PENDING' || state === 'RUNNING';
}

export function openJobs(operations: Operations<CallOptions>, socket: Socket): Jobs {
  async function* changes(filter: JobFilter, options: CallOptions) {
    const known = new Map<string, JobStateFragment>();
    const renewed = (queue: EventQueue<JobUpdatesSubscription>) =>
      void catchUp(operations, known, queue, options.signal);
    const { JobUpdates: text } = operationTexts;
    for await (const { jobUpdates: job } of socket.subscribe<JobUpdatesSubscription>(
      text,
      { filter },
      options,
      renewed,
    )) {
      if ((known.get(job.id)?.revision ?? -1) >= job.revision) continue;
      known.set(job.id, job);
      yield job;
    }
  }

  async function* watchAll(ids: readonly string[], options: CallOptions) {
    const awaited = new Set(ids);
    if (awaited.size === 0) return;
    for await (const job of changes({ ids: [...awaited] }, options)) {
      yield job;
      if (!isUnfinished(job)) awaited.delete(job.id);
      if (awaited.size === 0) return;
    }
  }

  const watch: Jobs['watch'] = (which = {}, options = {}) => {
    if (typeof which === 'string') return watchAll([which], options);
    return Array.isArray(which) ? watchAll(which, options) : changes(which as JobFilter, options);
  };

  return {
    watch,
    async wait(which, options) {
      const ids = typeof which === 'string' ? [which] : which;
      const ended = new Map<string, JobStateFragment>();
      for await (const job of watch(ids, options)) if (!isUnfinished(job)) ended.set(job.id, job);
      const jobs = ids.flatMap((id) => ended.get(id) ?? []);
      const failed = jobs.find(({ state }) => state !== 'SUCCEEDED');
      if (failed !== undefined) throw failureOf(failed);
      return jobs;
    },
    list: (filter, options) =>
      pagesOf(async (after) => (await operations.Jobs({ filter, first: 100, after }, options)).jobs),
  };
}

function failureOf({ kind, ref, state, error, reason }: JobStateFragment): FeaturegraphError {
  const why = error?.message ?? reason ?? 'nothing is said of why';
  const what = `${kind}${ref === null ? '' : ` of ${ref}`}`;
  return new FeaturegraphError(
    error?.code ?? 'CANCELLED',
    `${what} ${state === 'FAILED' ? 'failed' : 'was cancelled'}: ${why}`,
  );
}

/** A subscription begins with unfinished jobs: those that ended while it was not connected are asked for. */
async function catchUp(
  operations: Operations<CallOptions>,
  known: ReadonlyMap<string, JobStateFragment>,
  queue: EventQueue<JobUpdatesSubscription>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const begun = [...known.values()].filter(isUnfinished);
  // Those that end from now on are told to the subscription, or found here.
  for (let wait = 100; !queue.isEnded; wait = Math.min(wait * 2, 2_000)) {
    const ids = begun.filter((job) => isUnfinished(known.get(job.id) ?? job)).map(({ id }) => id);
    if (ids.length === 0) return;
    const page = { filter: { ids: ids.slice(0, 100) }, first: 100 };
    const answer = await operations.Jobs(page, { signal }).catch(() => undefined);
    for (const { node } of answer?.jobs.edges ?? []) if (!isUnfinished(node)) queue.push({ jobUpdates: node });
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
