import { Ban, RotateCcw } from 'lucide-react';
import { useMutation } from 'urql';
import { CancelJob, RetryJob } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';

/** Whether a job can be stopped or started again follows from its state. */
export function JobActions({ job: { id, state } }: { job: { id: string; state: string } }) {
  const [cancelling, cancel] = useMutation(CancelJob);
  const [retrying, retry] = useMutation(RetryJob);
  const error = cancelling.error ?? retrying.error;
  return (
    <>
      {(state === 'PENDING' || state === 'RUNNING') && (
        <Button look="danger" disabled={cancelling.fetching} onClick={() => cancel({ id })}>
          <Ban size={14} aria-hidden /> Cancel
        </Button>
      )}
      {(state === 'FAILED' || state === 'CANCELLED') && (
        <Button look="solid" disabled={retrying.fetching} onClick={() => retry({ id })}>
          <RotateCcw size={14} aria-hidden /> Retry
        </Button>
      )}
      {error && <Failure error={error} />}
    </>
  );
}
