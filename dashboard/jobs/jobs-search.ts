import * as z from 'zod/mini';
import type { JobKind, JobState } from '../generated/operations.ts';

export const jobStates: readonly JobState[] = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'];
export const jobKinds: readonly JobKind[] = ['TRANSFORM', 'MATERIALIZE', 'BUILD_TRAINING_SET', 'RETRIEVE'];

const search = z.object({
  state: z.catch(z.optional(z.enum(jobStates)), undefined),
  kind: z.catch(z.optional(z.enum(jobKinds)), undefined),
});

export type JobsSearch = z.output<typeof search>;

export function readJobsSearch(given: Record<string, unknown>): JobsSearch {
  return z.parse(search, given);
}
