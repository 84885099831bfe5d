import { type FormEvent, useState } from 'react';
import { keepKey, keptKey } from './kept-key.ts';

/** A new key is one for what is asked from now on: what is watched goes on with the key that it began with. */
export function KeyField({ onKey }: { onKey: () => void }) {
  const [key, setKey] = useState(keptKey());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keepKey(key);
    onKey();
  };
  return (
    <form className="key-field" onSubmit={submit}>
      <input
        type="password"
        aria-label="API key"
        placeholder="API key or token, where this server asks for one"
        autoComplete="off"
        value={key}
        onChange={({ target }) => setKey(target.value)}
      />
      <button type="submit">Use key</button>
    </form>
  );
}
