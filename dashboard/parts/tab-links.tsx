import { Link } from '@tanstack/react-router';

/** Parts of a page, each with an address of its own. */
export function TabLinks({ tabs, shown }: { tabs: readonly (readonly [string, string])[]; shown: string }) {
  return (
    <nav
      aria-label="Parts of this page"
      className="scroll-sign flex gap-1 overflow-x-auto border-line border-b [--under:var(--color-ground)]"
    >
      {tabs.map(([id, text]) => (
        <Link
          key={id}
          to="."
          search={(before) => ({ ...before, tab: id === tabs[0]?.[0] ? undefined : id })}
          replace
          aria-current={id === shown ? 'page' : undefined}
          className={`whitespace-nowrap border-b-2 px-3 py-2 font-medium ${id === shown ? 'border-accent text-accent' : 'border-transparent text-soft hover:text-ink'}`}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}
