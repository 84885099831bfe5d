import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { useQuery } from 'urql';
import { ServedKeys } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { sampleOf } from '../resource/sample-keys.ts';
import type { Entity } from './explored-entity.ts';
import { TypedField } from './typed-field.tsx';

type Props = { entity: Entity; typed: Readonly<Record<string, string>>; at: string | undefined };

/** Where a key is typed, and an instant; beside it keys that there are. */
export function KeyFields({ entity, typed, at }: Props) {
  const navigate = useNavigate();
  const [values, setValues] = useState(typed);
  const [instant, setInstant] = useState(at ?? '');
  const id = useId();
  const show = (keys: Readonly<Record<string, string>>) => {
    setValues(keys);
    const search = { entity: entity.ref, keys: JSON.stringify(keys), ...(instant && { at: instant }) };
    void navigate({ to: '/explore', search });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    show(values);
  };
  return (
    <form onSubmit={submit} className="panel flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-end gap-3">
        {entity.joinKeys.map(({ name, type }) => (
          <TypedField
            key={name}
            name={name}
            type={type}
            value={values[name]}
            onChange={(text) => setValues({ ...values, [name]: text })}
          />
        ))}
        <label className="flex min-w-56 flex-col gap-1" htmlFor={id}>
          <span>
            As of <span className="text-soft">(UTC; now where it is left out)</span>
          </span>
          <input
            id={id}
            className="field font-mono"
            placeholder="2024-01-02T12:00:00Z"
            autoComplete="off"
            value={instant}
            onChange={({ target }) => setInstant(target.value.trim())}
          />
        </label>
        <Button type="submit" look="solid">
          Show
        </Button>
      </div>
      <Samples entity={entity} onChoice={show} />
    </form>
  );
}

/** Keys that the first rows of its sources have. */
function Samples({ entity, onChoice }: { entity: Entity; onChoice: (keys: Readonly<Record<string, string>>) => void }) {
  const ids = entity.featureViews.slice(0, 5).map(({ id }) => id);
  const [{ data }] = useQuery({
    query: ServedKeys,
    variables: { ids },
    pause: ids.length === 0,
  });
  const read = (data?.nodes ?? []).flatMap((view) =>
    view?.__typename === 'FeatureView' ? sampleOf(view).slice(0, 8) : [],
  );
  const samples = [...new Map(read.map((sample) => [JSON.stringify(sample), sample])).values()].slice(0, 16);
  if (samples.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <span className="text-soft">There are, for example,</span>
      {samples.map((sample) => {
        const texts = Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, String(value)]));
        const text = Object.values(texts).join(', ');
        return (
          <Button key={text} look="plain" className="font-mono text-xs" onClick={() => onChoice(texts)}>
            {text}
          </Button>
        );
      })}
    </div>
  );
}
