import { type FormEvent, useState } from 'react';
import { useMutation } from 'urql';
import { CreateApiKey } from '../generated/operations.ts';
import { Button } from '../parts/button.tsx';
import { Choice } from '../parts/choice.tsx';
import { Failure } from '../parts/failure.tsx';
import { roleFrom, roles } from './roles.ts';

/** A key for a program, with a role on everything; narrower ones are granted below. */
export function NewKey({ onSecret }: { onSecret: (secret: string | undefined) => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState('');
  const [days, setDays] = useState('');
  const [{ error, fetching }, create] = useMutation(CreateApiKey);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    const given = role === '' ? null : [{ role: roleFrom(role) }];
    const { data } = await create({ name, roles: given, expiresAt });
    if (data === undefined) return;
    onSecret(data.createApiKey.secret);
    setName('');
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <input
        aria-label="Name of the new key"
        placeholder="Name of a new key"
        className="field max-w-60"
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <Choice name="Role" value={role} otherwise="none yet" options={roles} onChoice={setRole} />
      <label className="flex items-center gap-1.5">
        <span className="text-soft">Days that it lasts</span>
        <input
          type="number"
          min="1"
          className="field w-20"
          value={days}
          onChange={({ target }) => setDays(target.value)}
        />
      </label>
      <Button type="submit" look="solid" disabled={fetching || name.trim() === ''}>
        Make key
      </Button>
      {error && <Failure error={error} />}
    </form>
  );
}
