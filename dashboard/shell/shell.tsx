import { Dialog as Base } from '@base-ui/react/dialog';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { KeyRound, Menu, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useLiveRegistry } from '../graph/live.ts';
import { Button, buttonClass } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Loading } from '../parts/empty.tsx';
import { useConnection } from './graph-provider.tsx';
import { KeyForm } from './key-form.tsx';
import { Navigation } from './navigation.tsx';
import { ThemeChoice } from './theme-choice.tsx';

const loadPalette = () => import('./search-palette.tsx');
const SearchPalette = lazy(() => loadPalette().then((module) => ({ default: module.SearchPalette })));

/** What stands around every view: where to go, what to look for, who asks, and whether changes come in. */
export function Shell() {
  useLiveRegistry();
  const [isSearching, setSearching] = useState(false);
  const [isAsked, setAsked] = useState(false);
  useSearchKey(() => setSearching((before) => !before));
  return (
    <div className="min-h-screen lg:pl-56">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel focus:p-3">
        Skip to what this page shows
      </a>
      <aside className="fixed inset-y-0 left-0 hidden w-56 overflow-y-auto border-line border-r bg-panel lg:block">
        <Home />
        <Navigation />
      </aside>
      <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-line border-b bg-panel px-3">
        <SmallNavigation />
        <button
          type="button"
          className="field flex max-w-md items-center gap-2 text-left text-soft"
          onPointerEnter={loadPalette}
          onClick={() => setSearching(true)}
        >
          <Search size={14} aria-hidden className="shrink-0" />
          <span className="truncate">Search what is registered</span>
          <kbd className="ml-auto hidden rounded border border-line px-1 font-sans text-xs sm:block">⌘K</kbd>
        </button>
        <span className="grow" />
        <Live />
        <ThemeChoice />
        <Button look="quiet" aria-label="API key" title="API key" onClick={() => setAsked(true)}>
          <KeyRound size={16} aria-hidden />
        </Button>
      </header>
      <main id="main" tabIndex={-1} className="p-3 sm:p-6">
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <Suspense>{isSearching && <SearchPalette onClose={() => setSearching(false)} />}</Suspense>
      <Dialog title="Who asks" isOpen={isAsked} onOpenChange={setAsked}>
        <KeyForm onDone={() => setAsked(false)} />
      </Dialog>
    </div>
  );
}

function Home() {
  return (
    <Link to="/" className="flex h-14 items-center gap-2 px-4 font-semibold text-base">
      <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" className="text-accent">
        <path d="M4 5 L10 10 L4 15 M10 10 H16" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <g fill="currentColor">
          <circle cx="4" cy="5" r="2.5" />
          <circle cx="4" cy="15" r="2.5" />
          <circle cx="10" cy="10" r="2.5" />
          <circle cx="16" cy="10" r="2.5" />
        </g>
      </svg>
      featuregraph
    </Link>
  );
}

function useSearchKey(toggle: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // Whoever holds one of these may want to search next: what is typed then must not come too early.
      if (event.key === 'Meta' || event.key === 'Control') void loadPalette();
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [toggle]);
}

/** Where there is no room beside the page: what lies over it until one has chosen. */
function SmallNavigation() {
  const [isOpen, setOpen] = useState(false);
  const address = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it closes when the address has changed.
  useEffect(() => setOpen(false), [address]);
  return (
    <Base.Root open={isOpen} onOpenChange={setOpen}>
      <Base.Trigger aria-label="Menu" className={`${buttonClass('quiet')} lg:hidden`}>
        <Menu size={16} aria-hidden />
      </Base.Trigger>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-shade" />
        <Base.Popup className="fixed inset-y-0 left-0 z-50 w-64 overflow-y-auto bg-panel shadow-xl">
          <Base.Title className="sr-only">Menu</Base.Title>
          <Home />
          <Navigation />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

const followings = {
  LIVE: ['Live', 'bg-good', 'Changes come by a subscription.'],
  RECONNECTING: ['Reconnecting', 'bg-bad', 'The server does not answer: what is shown may be out of date.'],
  ENDED: ['Not live', 'bg-bad', 'The server tells no changes to whoever asks: what is shown may be out of date.'],
} as const;

/** Whether what is shown follows what happens. */
function Live() {
  const { following } = useConnection();
  const [says, colour, title] = following === undefined ? [] : followings[following];
  return (
    <span role="status" className="flex items-center gap-1.5 text-soft text-xs" title={title}>
      {colour && <span aria-hidden className={`size-2 rounded-full ${colour}`} />}
      {says}
    </span>
  );
}
