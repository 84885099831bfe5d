import type { CallOptions } from './connection-options.ts';
import { FeaturegraphError, registered } from './errors.ts';
import type {
  DownloadFormat,
  JobStateFragment,
  JsonValue,
  Operations,
  Refresh,
  SplitPart,
  TrainingSetQuery,
} from './generated/operations.ts';
import type { Http } from './http.ts';

type OfPart = CallOptions & { split?: SplitPart };
export type Batch = { columns: readonly { name: string; type: string }[]; rows: (readonly JsonValue[])[] };
export type TrainingSetPage = NonNullable<TrainingSetQuery['trainingSet']>;

/** A training set by its reference; nothing is asked before a call. Calls fail with NOT_FOUND where it is not registered. */
export type TrainingSetHandle = {
  /** What it is, with a page of the rows of its latest run. */
  page(page?: OfPart & { first?: number; after?: string }): Promise<TrainingSetPage>;
  /** Every row of its latest run by column. Fails with NOT_READY before the first. */
  rows(options?: OfPart): AsyncGenerator<Record<string, JsonValue>, void, undefined>;
  /** The same, up to `size` rows at a time, each row's values in the order of the columns. */
  batches(size: number, options?: OfPart): AsyncGenerator<Batch, void, undefined>;
  /** All rows as a file that streams: PARQUET when left out. */
  download(options?: OfPart & { format?: DownloadFormat }): Promise<Response>;
  /** Starts a new run, of the data of now. */
  build(options?: CallOptions & { refresh?: Refresh }): Promise<JobStateFragment>;
};

/** How many rows a server sends at most at once. */
const mostRows = 1_000;

export function trainingSetHandle(ref: string, operations: Operations<CallOptions>, http: Http): TrainingSetHandle {
  async function page({ first, after, split, ...options }: Parameters<TrainingSetHandle['page']>[0] = {}) {
    return registered((await operations.TrainingSet({ ref, first, after, split }, options)).trainingSet, ref);
  }

  function built<T>(run: T | null): T {
    if (run === null) throw new FeaturegraphError('NOT_READY', `"${ref}" has no rows yet.`, { retryable: true });
    return run;
  }

  async function* batches(size: number, options: OfPart = {}): AsyncGenerator<Batch, void, undefined> {
    let held: Batch | undefined;
    for (let after: string | undefined; ; ) {
      const first = Math.min(mostRows, size - (held?.rows.length ?? 0));
      const read = built((await page({ ...options, first, after })).rows);
      held = { columns: read.columns, rows: [...(held?.rows ?? []), ...read.edges.map(({ node }) => node)] };
      const isLast = !read.pageInfo.hasNextPage;
      if (held.rows.length >= size || (isLast && held.rows.length > 0)) {
        yield held;
        held = undefined;
      }
      if (isLast) return;
      after = read.pageInfo.endCursor ?? undefined;
    }
  }

  return {
    page,
    batches,
    async *rows(options) {
      for await (const { columns, rows } of batches(mostRows, options))
        for (const row of rows) yield Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null]));
    },
    async download({ format, split, ...options } = {}) {
      const { trainingSet } = await operations.TrainingSetDownload({ ref, format, split }, options);
      return http.download(built(registered(trainingSet, ref).download), options);
    },
    build: async ({ refresh, ...options } = {}) =>
      (await operations.BuildTrainingSet({ ref, refresh }, options)).buildTrainingSet,
  };
}
