import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

/** Parts of a page, each with an address of its own. */
export function TabLinks({ tabs, shown }: { tabs: readonly (readonly [string, string])[]; shown: string }) {
  const place = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown may lie beyond the edge of a small screen.
  useEffect(() => {
    place.current?.querySelector('[data-shown=true]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [shown]);
  return (
    <nav
      ref={place}
      aria-label="Parts of this page"
      className="scroll-sign flex gap-1 overflow-x-auto border-line border-b [--under:var(--color-ground)]"
    >
      {tabs.map(([id, text]) => (
        <Link
          key={id}
          to="."
          search={(before) => ({ ...before, tab: id === tabs[0]?.[0] ? undefined : id })}
          replace
          // The first of them is where the address names none, and nowhere else.
          activeOptions={{ exact: true, explicitUndefined: true }}
          data-shown={id === shown}
          className={`whitespace-nowrap border-b-2 px-3 py-2 font-medium ${id === shown ? 'border-accent text-accent' : 'border-transparent text-soft hover:text-ink'}`}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}
