import { useNavigate } from '@tanstack/react-router';
import { useMutation, useQuery } from 'urql';
import { Breaks, DeleteResource } from '../generated/operations.ts';
import { Answered } from '../parts/answered.tsx';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import type { Resource } from './resource-facts.tsx';
import { Links } from './uses.tsx';

type Props = { of: Resource; path: string; isOpen: boolean; onOpenChange: (isOpen: boolean) => void };

/** What would break is said before: where something would, there is nothing to confirm. */
export function DeleteDialog({ of, path, isOpen, onOpenChange }: Props) {
  const [answer] = useQuery({ query: Breaks, variables: { kind: of.kind, ref: of.ref }, pause: !isOpen });
  const [{ error, fetching }, remove] = useMutation(DeleteResource);
  const navigate = useNavigate();
  const confirm = async () => {
    const { data } = await remove({ kind: of.kind, ref: of.ref });
    if (data) void navigate({ to: '/resources/$kind', params: { kind: path } });
  };
  return (
    <Dialog title={`Delete ${of.ref}`} isOpen={isOpen} onOpenChange={onOpenChange}>
      <Answered of={answer}>
        {({ resource }) => {
          const own = of.__typename === 'FeatureView' ? new Set(of.features.map(({ id }) => id)) : new Set();
          const breaks = (resource?.breaks ?? []).filter(({ id }) => !own.has(id));
          return breaks.length > 0 ? (
            <>
              <p className="mb-2">It is used, so it can&apos;t be deleted. These would break, the nearest first:</p>
              <Links of={breaks} otherwise="" />
            </>
          ) : (
            <>
              <p className="mb-3">Nothing uses it. What stores hold of it goes too, and does not come back.</p>
              <Button look="danger" disabled={fetching} onClick={confirm}>
                Delete it
              </Button>
            </>
          );
        }}
      </Answered>
      {error && <Failure error={error} />}
    </Dialog>
  );
}
