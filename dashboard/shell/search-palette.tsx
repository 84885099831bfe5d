import { type NavigateOptions, useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { useDeferredValue, useState } from 'react';
import { useQuery } from 'urql';
import { Search } from '../generated/operations.ts';
import { kindOf, kinds } from '../graph/kinds.ts';
import { words } from '../parts/status.tsx';

const views: readonly (readonly [string, NavigateOptions])[] = [
  ['Home', { to: '/' }],
  ['Entity explorer', { to: '/explore' }],
  ['Jobs', { to: '/jobs' }],
  ['Register', { to: '/register' }],
  ['Access', { to: '/access' }],
  ['Audit', { to: '/audit' }],
  ['Settings', { to: '/settings' }],
  ...kinds.map(({ many, path }) => [many, { to: '/resources/$kind', params: { kind: path } }] as const),
];

const item = 'flex cursor-pointer items-center gap-2 rounded-md px-3 py-2 aria-selected:bg-accent-ground';

/** By words, to what is registered and to views: arrows choose, Enter goes there, Escape closes. */
export function SearchPalette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const search = useDeferredValue(text.trim());
  const [{ data, error }] = useQuery({ query: Search, variables: { search }, pause: search === '' });
  const navigate = useNavigate();
  const go = (to: NavigateOptions) => {
    onClose();
    void navigate(to);
  };
  const found = search === '' ? [] : (data?.resources.edges ?? []);
  const named = views.filter(([name]) => name.toLowerCase().includes(search.toLowerCase()));
  // What was chosen may be there no more: Enter always goes somewhere, the first of what is found.
  const there = [...found.map(({ node }) => node.id), ...named.map(([name]) => name)];
  return (
    <Command.Dialog
      open
      value={there.includes(chosen) ? chosen : (there[0] ?? '')}
      onValueChange={setChosen}
      onOpenChange={(isOpen) => !isOpen && onClose()}
      shouldFilter={false}
      label="Search"
      overlayClassName="fixed inset-0 z-40 bg-shade"
      contentClassName="panel fixed top-[10vh] left-1/2 z-50 w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden shadow-xl"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="A name, an owner, a tag, a column, a word of a description"
        className="w-full border-line border-b bg-panel px-4 py-3 outline-none placeholder:text-soft"
      />
      <Command.List className="max-h-[60vh] overflow-y-auto p-2">
        {error && <p className="p-3 text-bad">{error.message.replace('[GraphQL] ', '')}</p>}
        {found.map(({ node, matches }) => {
          const { icon: Icon, one, path } = kindOf(node.kind);
          return (
            <Command.Item
              key={node.id}
              value={node.id}
              className={item}
              onSelect={() => go({ to: '/resources/$kind/$reference', params: { kind: path, reference: node.ref } })}
            >
              <Icon size={16} aria-hidden className="shrink-0 text-soft" />
              <span className="min-w-0 grow">
                <span className="block truncate font-medium">{node.ref}</span>
                <span className="block truncate text-soft text-xs">
                  {one}
                  {node.description && `: ${node.description}`}
                </span>
              </span>
              <span className="hidden shrink-0 text-soft text-xs sm:block">
                {[...new Set(matches.map(({ field }) => words(field)))].join(', ')}
              </span>
            </Command.Item>
          );
        })}
        {named.length > 0 && (
          <Command.Group heading={<span className="px-3 text-soft text-xs">Views</span>}>
            {named.map(([name, to]) => (
              <Command.Item key={name} value={name} className={item} onSelect={() => go(to)}>
                {name}
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {search !== '' && data && found.length === 0 && named.length === 0 && (
          <p className="p-3 text-soft">Nothing has all of these words.</p>
        )}
      </Command.List>
    </Command.Dialog>
  );
}
