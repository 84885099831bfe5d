import { useEffect, useState } from 'react';
import { useSubscription } from 'urql';
import { JobChanges, type JobChangesSubscription, RegistryChanges } from '../generated/operations.ts';

/** What follows the registry and jobs for as long as the page is open: the cache takes up every change. */
export function useLiveRegistry(): void {
  useSubscription({ query: RegistryChanges });
  useSubscription({ query: JobChanges }, handleJobChange);
}

type JobChange = JobChangesSubscription['jobUpdates'];

const listeners = new Set<(job: JobChange) => void>();

function handleJobChange(_previous: unknown, change: JobChangesSubscription): JobChangesSubscription {
  for (const tell of listeners) tell(change.jobUpdates);
  return change;
}

/** The newest news of one job, as the page's own subscription brings it; undefined until there is some. */
export function useJobChange(id: string | undefined): JobChange | undefined {
  const [job, setJob] = useState<JobChange>();
  useEffect(() => {
    const hear = (change: JobChange) => change.id === id && setJob(change);
    listeners.add(hear);
    return () => void listeners.delete(hear);
  }, [id]);
  return job?.id === id ? job : undefined;
}
