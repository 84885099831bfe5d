import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { GrantRole } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Failure } from '../parts/failure.tsx';
import { roleFrom, roles } from './roles.ts';

const grantees = { group: 'group', user: 'user', apiKey: 'API key' } as const;
const selectors = { ref: 'reference', tag: 'tag', owner: 'owner' } as const;

/** A role for somebody, on everything or on what a reference, a tag or an owner selects. */
export function NewGrant() {
  const [role, setRole] = useState('VIEWER');
  const [grantee, setGrantee] = useState('group');
  const [name, setName] = useState('');
  const [selector, setSelector] = useState('');
  const [selected, setSelected] = useState('');
  const [sensitive, setSensitive] = useState(false);
  const [{ error, fetching }, grant] = useMutation(GrantRole);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const on = selector === '' ? null : { [selector]: selected };
    const { data } = await grant({ role: roleFrom(role), to: { [grantee]: name } as { group: string }, on, sensitive });
    if (data) setName('');
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <Choice name="Grant" value={role} otherwise="a role" options={roles} onChoice={setRole} />
      <Choice name="to the" value={grantee} otherwise="" options={Object.keys(grantees)} onChoice={setGrantee} />
      <input
        aria-label="Who gets the role"
        placeholder="Name"
        className="field max-w-48"
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <Choice
        name="on"
        value={selector}
        otherwise="everything"
        options={Object.keys(selectors)}
        onChoice={setSelector}
      />
      {selector !== '' && (
        <input
          aria-label="On what"
          placeholder={selectors[selector as 'ref']}
          className="field max-w-48"
          value={selected}
          onChange={({ target }) => setSelected(target.value)}
        />
      )}
      <label className="flex items-center gap-1.5">
        <input type="checkbox" checked={sensitive} onChange={({ target }) => setSensitive(target.checked)} />
        Sensitive values too
      </label>
      <Button type="submit" look="solid" disabled={fetching || name.trim() === '' || role === ''}>
        Grant
      </Button>
      {error && <Failure error={error} />}
    </form>
  );
}
