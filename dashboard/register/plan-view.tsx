import { useNavigate } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { useMutation } from 'urql';
import { Apply, type PlanQuery } from '../generated/operations.ts';
import type { Issue } from '../graph/failure-of.ts';
import { kindOf } from '../graph/kinds.ts';
import { Button } from '../parts/button.tsx';
import { Failure, Issues } from '../parts/failure.tsx';
import { Section } from '../parts/page.tsx';
import { Status, words } from '../parts/status.tsx';
import { DifferenceTable } from '../resource/difference-table.tsx';

type Props = { plan: PlanQuery['plan']; isCurrent: boolean; definitions: never[]; bump: boolean };

/** What applying would do, and what is wrong with it; it can be applied as long as it is what stands in the form. */
export function PlanView({ plan, isCurrent, definitions, bump }: Props) {
  const [{ error, fetching }, apply] = useMutation(Apply);
  const navigate = useNavigate();
  const isNothing = plan.steps.every(({ action }) => action === 'UNCHANGED');
  const confirm = async () => {
    const { data } = await apply({ definitions, bump });
    const [step] = data?.apply.steps ?? [];
    if (step === undefined) return;
    const to = { kind: kindOf(step.kind).path, reference: step.ref };
    void navigate({ to: '/resources/$kind/$reference', params: to });
  };
  return (
    <Section title="Plan">
      <div role="status" className="panel flex flex-col gap-3 p-4">
        {plan.issues.length > 0 && (
          <div>
            <p className="font-medium text-bad">It would be refused:</p>
            <Issues issues={plan.issues.map(ofTheForm)} />
          </div>
        )}
        {plan.notes.length > 0 && (
          <div>
            <p className="font-medium text-warn">Is this meant?</p>
            <Issues issues={plan.notes.map(ofTheForm)} />
          </div>
        )}
        {plan.steps.map((step) => (
          <div key={`${step.kind} ${step.ref}`} className="flex flex-col gap-2">
            <p className="flex flex-wrap items-center gap-2">
              <Status of={step.action} /> {kindOf(step.kind).one} <strong className="break-all">{step.ref}</strong>
            </p>
            {step.changes.length > 0 && (
              <DifferenceTable
                before="registered"
                after="here"
                changes={step.changes.map(({ path, before, after }) => ({
                  path,
                  before: said(before),
                  after: said(after),
                }))}
              />
            )}
            {step.columns && (
              <p className="text-soft text-xs">
                {step.columns.length} columns:{' '}
                {step.columns.map(({ name, type }) => `${name} ${type ?? '?'}`).join(', ')}
              </p>
            )}
          </div>
        ))}
        {plan.jobs.length > 0 && (
          <p className="text-soft">
            It would start: {plan.jobs.map(({ kind, ref }) => `${words(kind)} ${ref ?? ''}`).join(', ')}.
          </p>
        )}
        {isNothing && plan.issues.length === 0 && (
          <p className="flex items-center gap-2 text-good">
            <CircleCheck size={16} aria-hidden /> No change: this is what is registered.
          </p>
        )}
        {!isCurrent && <p className="text-warn">The definition has changed since: plan it again.</p>}
        <Button
          look="solid"
          className="self-start"
          disabled={!isCurrent || fetching || isNothing || plan.issues.length > 0}
          onClick={confirm}
        >
          Apply
        </Button>
      </div>
      {error && <Failure error={error} />}
    </Section>
  );
}

/** The graph speaks of the first of its definitions: here it is the one of the form, whose entries are counted from 1. */
function ofTheForm(issue: Issue): Issue {
  const place = issue.path.replace(/^definitions\[0\]\.?/, '');
  const path = place.replaceAll(/\[(\d+)\]/g, (_all, at: string) => ` ${Number(at) + 1}`).replaceAll('.', ', ');
  return { ...issue, path: path || 'the definition' };
}

function said(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : JSON.stringify(value);
}
