import { type ReactNode, useState } from 'react';
import { type FormField as Field, formTypes } from '../generated/definition-forms.ts';
import type { JsonValue } from '../generated/operations.ts';
import { FormField } from './form-field.tsx';

export type Fields = { readonly [name: string]: JsonValue };
type Props = { type: string; value: Fields; path: string; onChange: (to: Fields) => void };

/** Said of everything, and asked for last. */
const described = new Set(['description', 'owner', 'tags', 'properties', 'deprecated', 'variant']);

/** The fields of one input type of the graph: what must be said first, what may be said below. */
export function InputForm({ type, value, path, onChange }: Props) {
  const of = formTypes[type];
  // What was said as one came: while one writes, nothing moves.
  const [said] = useState(() => new Set(Object.keys(value)));
  if (of === undefined) return null;
  if (of.isOneOf) return <OneOf fields={of.fields} value={value} path={path} onChange={onChange} />;
  const field = (one: Field) => (
    <FormField
      key={one.name}
      field={one}
      path={`${path}.${one.name}`}
      nested={InputForm}
      value={value[one.name]}
      onChange={(to) => onChange(withField(value, one.name, to))}
    />
  );
  const fields = of.fields.toSorted((a, b) => placeOf(a) - placeOf(b));
  const [needed, rest] = [fields.filter((one) => isFirst(one, said)), fields.filter((one) => !isFirst(one, said))];
  const own = rest.filter(({ name }) => !described.has(name));
  const common = rest.filter(({ name }) => described.has(name));
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {needed.map(field)}
      <More title="More of what it may say" fields={own} isOpen={needed.length === 0}>
        {own.map(field)}
      </More>
      <More title="Description, owner, tags" fields={common}>
        {common.map(field)}
      </More>
    </div>
  );
}

/** What must be said, what has been, and what a source is made of, of which one must be. */
const oftenSaid = new Set([
  'files',
  'table',
  'transformation',
  'entity',
  'source',
  'eventTimestamp',
  'featureServices',
  'trainingSets',
  'config',
]);

/** The graph has fields by the alphabet: one begins with a name, and lists are long. */
function placeOf({ name, isList }: Field): number {
  return name === 'name' ? 0 : isList ? 2 : 1;
}

function isFirst({ name, isNeeded }: Field, said: ReadonlySet<string>): boolean {
  return isNeeded || (said.has(name) && !described.has(name)) || oftenSaid.has(name);
}

type MoreProps = { title: string; fields: readonly Field[]; isOpen?: boolean; children: ReactNode };

function More({ title, fields, isOpen = false, children }: MoreProps) {
  if (fields.length === 0) return null;
  return (
    <details open={isOpen} className="min-w-0 rounded-md border border-line px-3 py-2">
      <summary className="text-soft">{title}</summary>
      <div className="mt-3 flex flex-col gap-3">{children}</div>
    </details>
  );
}

type OneOf = { fields: readonly Field[]; value: Fields; path: string; onChange: (to: Fields) => void };

/** Exactly one of them. */
function OneOf({ fields, value, path, onChange }: OneOf) {
  const [chosen] = Object.keys(value);
  const field = fields.find(({ name }) => name === chosen);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <select
        aria-label={`Which one, of ${path}`}
        className="field w-auto self-start"
        value={chosen ?? ''}
        onChange={({ target }) => onChange(target.value ? { [target.value]: emptyOf(fields, target.value) } : {})}
      >
        <option value="">choose one</option>
        {fields.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      {field && (
        <FormField
          field={{ ...field, isNeeded: true }}
          path={`${path}.${field.name}`}
          nested={InputForm}
          value={value[field.name]}
          onChange={(to) => onChange({ [field.name]: to ?? emptyOf(fields, field.name) })}
        />
      )}
    </div>
  );
}

function emptyOf(fields: readonly Field[], name: string): JsonValue {
  const field = fields.find((one) => one.name === name);
  if (field?.isList) return [];
  return field !== undefined && formTypes[field.type] !== undefined ? {} : '';
}

/** What is left out is not said: null would mean something else. */
function withField(value: Fields, name: string, to: JsonValue | undefined): Fields {
  const { [name]: _before, ...rest } = value;
  return to === undefined ? rest : { ...rest, [name]: to };
}
