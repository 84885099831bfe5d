import { Link, useNavigate } from '@tanstack/react-router';
import { Hammer, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type CombinedError, useMutation } from 'urql';
import { BuildTrainingSet, Materialize, Transform } from '../generated/operations.ts';
import { kindOf } from '../graph/kinds.ts';
import { Button, buttonClass } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import type { Resource } from './resource-facts.tsx';

/** What can be done with a resource: run it, change it, delete it. */
export function ResourceActions({ of }: { of: Resource }) {
  const [isDeleting, setDeleting] = useState(false);
  const [error, setError] = useState<CombinedError>();
  const isPart = of.__typename === 'Feature';
  return (
    <>
      <Run of={of} onFailure={setError} />
      {!isPart && (
        <>
          <Link to="/register" search={{ kind: of.kind, from: of.ref }} className={buttonClass()}>
            <Pencil size={14} aria-hidden /> Change
          </Link>
          <Button look="danger" onClick={() => setDeleting(true)}>
            <Trash2 size={14} aria-hidden /> Delete
          </Button>
        </>
      )}
      <DeleteDialog of={of} isOpen={isDeleting} onOpenChange={setDeleting} path={kindOf(of.kind).path} />
      {error && (
        <div className="basis-full">
          <Failure error={error} />
        </div>
      )}
    </>
  );
}

function Run({ of, onFailure }: { of: Resource; onFailure: (error: CombinedError | undefined) => void }) {
  const navigate = useNavigate();
  const [, materialize] = useMutation(Materialize);
  const [, build] = useMutation(BuildTrainingSet);
  const [, transform] = useMutation(Transform);
  const follow = (error: CombinedError | undefined, id: string | undefined) => {
    onFailure(error);
    if (id) void navigate({ to: '/jobs/$id', params: { id } });
  };
  const runs: Readonly<Record<string, readonly [string, () => Promise<void>] | undefined>> = {
    FeatureView: [
      'Materialize',
      () => materialize({ views: [of.ref] }).then(({ data, error }) => follow(error, data?.materialize[0]?.id)),
    ],
    TrainingSet: [
      'Build anew',
      () => build({ ref: of.ref }).then(({ data, error }) => follow(error, data?.buildTrainingSet.id)),
    ],
    Source: [
      'Store anew',
      () => transform({ source: of.ref }).then(({ data, error }) => follow(error, data?.transform.id)),
    ],
  };
  const isRunnable =
    of.__typename === 'Source' ? of.as === 'TABLE' : of.__typename === 'FeatureView' ? of.onlineStore !== null : true;
  const [text, run] = runs[of.__typename] ?? [];
  if (run === undefined || !isRunnable) return null;
  return (
    <Button look="solid" onClick={run}>
      <Hammer size={14} aria-hidden /> {text}
    </Button>
  );
}
