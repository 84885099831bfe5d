import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { Choice } from '../parts/choice.tsx';
import { ages, type ListSearch } from './list-search.ts';

const statuses = ['READY', 'PENDING', 'RUNNING', 'FAILED'];

/** What narrows a list: it is written to the address, which can be sent to somebody. */
export function ListFilters({ search, hasAge }: { search: ListSearch; hasAge: boolean }) {
  const navigate = useNavigate();
  const choose = (part: Partial<ListSearch>) => {
    const next = Object.entries({ ...search, ...part }).filter(([, value]) => value);
    void navigate({ to: '.', search: Object.fromEntries(next) as ListSearch, replace: true });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not known to all readers yet.
    <form
      role="search"
      aria-label="Narrow the list"
      className="flex flex-wrap gap-2"
      onSubmit={(event: FormEvent) => event.preventDefault()}
    >
      <TextFilter name="Words" wide value={search.q} onText={(q) => choose({ q })} />
      <TextFilter name="Owner" value={search.owner} onText={(owner) => choose({ owner })} />
      <TextFilter name="Tag" value={search.tag} onText={(tag) => choose({ tag })} />
      <Choice name="Status" value={search.status} options={statuses} onChoice={(status) => choose({ status })} />
      {hasAge && (
        <Choice
          name="Data older than"
          value={search.age}
          options={Object.keys(ages)}
          onChoice={(age) => choose({ age })}
        />
      )}
    </form>
  );
}

type TextFilter = { name: string; value: string | undefined; onText: (text: string) => void; wide?: boolean };

/** What is typed counts a moment later, so that each letter is no question to the server. */
function TextFilter({ name, value = '', onText, wide = false }: TextFilter) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the wait.
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onText(text.trim()), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      aria-label={name}
      placeholder={name}
      className={`field ${wide ? 'max-w-64' : 'max-w-40'}`}
      value={text}
      onChange={({ target }) => setText(target.value)}
    />
  );
}
