import { Plus, X } from 'lucide-react';
import { type ComponentType, useId } from 'react';
import { formTypes } from '../generated/definition-forms.ts';
import type { JsonValue } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { isObject } from '../resource/definition-text.ts';
import { type FieldProps, ScalarField } from './scalar-field.tsx';

/** What shows the fields of an input type: it shows these, of which some have fields again. */
export type Nested = ComponentType<{ type: string; value: Fields; path: string; onChange: (to: Fields) => void }>;

type Fields = { readonly [name: string]: JsonValue };
type Props = FieldProps & { nested: Nested };

/** One field of a definition: a value, a list of values, or what has fields of its own. */
export function FormField({ nested: InputForm, ...props }: Props) {
  const { field, path, value, onChange } = props;
  const id = useId();
  const isNested = formTypes[field.type] !== undefined;
  if (!field.isList && !isNested) return <ScalarField {...props} />;
  if (field.isList) return <ListField {...props} nested={InputForm} isNested={isNested} />;
  if (value === undefined && !field.isNeeded)
    return (
      <div>
        <Button look="quiet" aria-describedby={field.says ? id : undefined} onClick={() => onChange({})}>
          <Plus size={14} aria-hidden /> {field.name}
        </Button>
        {field.says && (
          <p id={id} className="pl-3 text-soft text-xs">
            {field.says}
          </p>
        )}
      </div>
    );
  return (
    <fieldset className="min-w-0 border-line border-l-2 pl-3">
      <legend className="flex items-center gap-2 font-medium">
        {field.name}
        {!field.isNeeded && <Remove name={field.name} onRemove={() => onChange(undefined)} />}
      </legend>
      {field.says && <p className="mb-2 text-soft text-xs">{field.says}</p>}
      <InputForm type={field.type} value={isObject(value) ? value : {}} path={path} onChange={onChange} />
    </fieldset>
  );
}

function Remove({ name, onRemove }: { name: string; onRemove: () => void }) {
  return (
    <Button look="quiet" aria-label={`Leave out ${name}`} onClick={onRemove}>
      <X size={14} aria-hidden />
    </Button>
  );
}

function ListField({ field, path, value, onChange, isNested, nested: InputForm }: Props & { isNested: boolean }) {
  const id = useId();
  const entries: readonly JsonValue[] = Array.isArray(value) ? value : [];
  const put = (at: number, to: JsonValue | undefined) =>
    onChange(to === undefined ? entries.filter((_one, index) => index !== at) : entries.with(at, to));
  const one = { ...field, isList: false, isNeeded: true, says: '' };
  return (
    <fieldset className="min-w-0">
      <legend id={id} className="font-medium">
        {field.name}
        {field.isNeeded && <span className="text-soft"> (needed)</span>}
      </legend>
      {field.says && <p className="text-soft text-xs">{field.says}</p>}
      <ol className="mt-1 flex flex-col gap-2">
        {entries.map((entry, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry has no other identity while it is written.
          <li key={at} className="flex min-w-0 items-start gap-1">
            <div className="min-w-0 grow">
              {isNested ? (
                <div className="rounded-md border border-line p-3">
                  <InputForm
                    type={field.type}
                    value={isObject(entry) ? entry : {}}
                    path={`${path}[${at}]`}
                    onChange={(to) => put(at, to)}
                  />
                </div>
              ) : (
                <ScalarField
                  field={{ ...one, name: `${field.name} ${at + 1}` }}
                  path={`${path}[${at}]`}
                  value={entry}
                  isBare
                  onChange={(to) => put(at, to ?? '')}
                />
              )}
            </div>
            <Remove name={`${field.name} ${at + 1}`} onRemove={() => put(at, undefined)} />
          </li>
        ))}
      </ol>
      <Button look="quiet" onClick={() => onChange([...entries, isNested ? {} : ''])}>
        <Plus size={14} aria-hidden /> Add to {field.name}
      </Button>
    </fieldset>
  );
}
