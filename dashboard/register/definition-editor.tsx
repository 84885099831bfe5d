import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { CombinedError } from 'urql';
import { useClient } from 'urql';
import { type JsonValue, Plan, type PlanQuery } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { type Definition, isObject } from '../resource/definition-text.ts';
import { completed } from './completed.ts';
import { DefinitionSource } from './definition-source.tsx';
import { InputForm } from './input-form.tsx';
import { PlanView } from './plan-view.tsx';
import { ProviderTest } from './provider-test.tsx';

type Planned = { of: string; plan: PlanQuery['plan'] };

/** The form, or the text of the same definition; the plan of what stands there now; and then only, apply. */
export function DefinitionEditor({ begun, isChange }: { begun: Definition; isChange: boolean }) {
  const [definition, setDefinition] = useState<Definition>(begun);
  const [isText, setText] = useState(false);
  const [bump, setBump] = useState(false);
  const [planned, setPlanned] = useState<Planned>();
  const [error, setError] = useState<CombinedError>();
  const client = useClient();
  const [[noun, body] = ['', {}]] = Object.entries(definition);
  const now = JSON.stringify([definition, bump]);
  const definitions = [completed('DefinitionInput', definition)] as never[];
  const plan = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await client.query(Plan, { definitions, bump }, { requestPolicy: 'network-only' }).toPromise();
    setError(answer.error);
    setPlanned(answer.data && { of: now, plan: answer.data.plan });
  };
  const change = (to: JsonValue | undefined) => setDefinition({ [noun]: to ?? {} });
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  // Where it stands above the form, it may be out of sight.
  useEffect(() => {
    if (planned) place.current?.scrollIntoView({ block: 'nearest' });
  }, [planned]);
  return (
    <div className="grid gap-4 lg:grid-cols-2 lg:gap-6">
      <div className="sticky top-14 z-10 flex flex-wrap items-start justify-between gap-2 bg-ground py-2 lg:col-span-2">
        <span className="flex flex-wrap gap-2">
          <Button type="submit" form={id} look="solid">
            Plan
          </Button>
          <Button aria-pressed={isText} onClick={() => setText(!isText)}>
            {isText ? 'As a form' : 'As text'}
          </Button>
          {noun === 'provider' && <ProviderTest definition={body ?? {}} />}
        </span>
        {isChange && (
          <label className="flex items-center gap-2">
            <input type="checkbox" checked={bump} onChange={({ target }) => setBump(target.checked)} />
            Give what differs the next variant
          </label>
        )}
      </div>
      <div
        ref={place}
        className="min-w-0 scroll-mt-28 empty:hidden lg:sticky lg:top-28 lg:order-last lg:max-h-[calc(100vh-8rem)] lg:self-start lg:overflow-y-auto"
      >
        {error && <Failure error={error} />}
        {planned && (
          <PlanView plan={planned.plan} isCurrent={planned.of === now} definitions={definitions} bump={bump} />
        )}
      </div>
      <form id={id} onSubmit={plan} className="flex min-w-0 flex-col gap-4">
        {isText ? (
          <DefinitionSource value={definition} onChange={setDefinition} />
        ) : (
          <InputForm
            type={`${noun.charAt(0).toUpperCase()}${noun.slice(1)}Input`}
            value={isObject(body) ? body : {}}
            path={noun}
            onChange={change}
          />
        )}
      </form>
    </div>
  );
}
