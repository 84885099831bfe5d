import { useId } from 'react';
import { useQuery } from 'urql';
import { type FormField, formEnums } from '../generated/definition-forms.ts';
import { type JsonValue, References, type ResourceKind } from '../generated/operations.ts';

export type FieldProps = {
  field: FormField;
  path: string;
  value: JsonValue | undefined;
  onChange: (to: JsonValue | undefined) => void;
};

const types = [
  'BOOL',
  'INT32',
  'INT64',
  'FLOAT32',
  'FLOAT64',
  'STRING',
  'BYTES',
  'DATE',
  'TIMESTAMP',
  'VECTOR(2, COSINE)',
];

/** Which kind of resource a field names, by its name. */
const named: Readonly<Record<string, ResourceKind>> = {
  entity: 'ENTITY',
  source: 'SOURCE',
  provider: 'PROVIDER',
  onlineStore: 'PROVIDER',
  vectorStore: 'PROVIDER',
  label: 'LABEL',
  feature: 'FEATURE',
  featureServices: 'FEATURE_SERVICE',
  trainingSets: 'TRAINING_SET',
};

/** A text, a number, a choice. */
export function ScalarField({ field, path, value, onChange, isBare = false }: FieldProps & { isBare?: boolean }) {
  const id = useId();
  const shared = {
    id,
    className: 'field',
    'aria-describedby': field.says ? `${id}-says` : undefined,
    'data-path': path,
  };
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={isBare ? 'sr-only' : 'font-medium'}>
        {field.name}
        {field.isNeeded && !isBare && <span className="font-normal text-soft"> (needed)</span>}
      </label>
      <Control field={field} path={path} value={value} onChange={onChange} shared={shared} />
      {field.says && (
        <p id={`${id}-says`} className="text-soft text-xs">
          {field.says}
        </p>
      )}
    </div>
  );
}

type Shared = { id: string; className: string };

function Control({ field, value, onChange, shared }: FieldProps & { shared: Shared }) {
  const { name, type, isNeeded } = field;
  const words = type === 'Boolean' ? ['true', 'false'] : formEnums[type];
  const text = value === undefined || value === null ? '' : String(value);
  if (words !== undefined)
    return (
      <select {...shared} value={text} onChange={({ target }) => onChange(read(target.value, type))}>
        <option value="">{isNeeded ? 'choose one' : 'as it is by default'}</option>
        {words.map((word) => (
          <option key={word}>{word}</option>
        ))}
      </select>
    );
  const write = (written: string) => onChange(written === '' && !isNeeded ? undefined : read(written, type));
  if (['sql', 'description'].includes(name))
    return (
      <textarea
        {...shared}
        rows={name === 'sql' ? 8 : 2}
        spellCheck={name !== 'sql'}
        className={`field ${name === 'sql' ? 'font-mono text-xs' : ''}`}
        value={text}
        onChange={({ target }) => write(target.value)}
      />
    );
  const kind = named[name.replace(/ \d+$/, '')];
  return (
    <>
      <input
        {...shared}
        type={name === 'sealed' ? 'password' : type === 'Int' || type === 'Float' ? 'number' : 'text'}
        step={type === 'Float' ? 'any' : undefined}
        autoComplete="off"
        list={kind || name === 'type' ? `${shared.id}-known` : undefined}
        value={text}
        onChange={({ target }) => write(target.value)}
      />
      {name === 'type' && (
        <datalist id={`${shared.id}-known`}>
          {types.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {kind && <Known id={`${shared.id}-known`} kind={kind} />}
    </>
  );
}

/** What is registered by now, to choose from. */
function Known({ id, kind }: { id: string; kind: ResourceKind }) {
  const [{ data }] = useQuery({ query: References, variables: { kinds: [kind] }, requestPolicy: 'cache-first' });
  return (
    <datalist id={id}>
      {data?.resources.edges.map(({ node }) => (
        <option key={node.id} value={node.ref} />
      ))}
    </datalist>
  );
}

function read(text: string, type: string): string | number | boolean | undefined {
  if (type === 'Boolean') return text === '' ? undefined : text === 'true';
  if (type === 'Int' || type === 'Float') return text === '' ? undefined : Number(text);
  return formEnums[type] !== undefined && text === '' ? undefined : text;
}
