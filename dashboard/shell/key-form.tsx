import { type FormEvent, useId, useState } from 'react';
import { keepKey, keptKey } from '../../playground/kept-key.ts';
import { Button } from '../parts/button.tsx';
import { useConnection } from './graph-provider.tsx';

/** Where one says who one is: the key stays in this tab, and is sent to this server alone. */
export function KeyForm({ onDone }: { onDone?: () => void }) {
  const { renew } = useConnection();
  const [key, setKey] = useState(keptKey);
  const field = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keepKey(key);
    renew();
    onDone?.();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <label htmlFor={field}>API key or token</label>
      <div className="flex gap-2">
        <input
          id={field}
          type="password"
          autoComplete="off"
          className="field font-mono"
          value={key}
          onChange={({ target }) => setKey(target.value)}
        />
        <Button type="submit" look="solid">
          Use key
        </Button>
      </div>
      <p className="text-soft text-xs">
        It is kept for as long as this tab is open, and sent to this server alone. An operator makes keys with{' '}
        <code>featuregraph keys create</code>.
      </p>
    </form>
  );
}
