import { Outlet } from '@tanstack/react-router';
import { KeyRound, Menu as MenuSign, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useLiveRegistry } from '../graph/live.ts';
import { Button } from '../parts/button.tsx';
import { Loading } from '../parts/empty.tsx';
import { useConnection } from './graph-provider.tsx';
import { HomeLink, Navigation } from './navigation.tsx';
import { ThemeChoice } from './theme-choice.tsx';

const loadPalette = () => import('./search-palette.tsx');
const SearchPalette = lazy(() => loadPalette().then((module) => ({ default: module.SearchPalette })));
const loadKey = () => import('./key-dialog.tsx');
const KeyDialog = lazy(() => loadKey().then((module) => ({ default: module.KeyDialog })));
const loadMenu = () => import('./menu.tsx');
const Menu = lazy(() => loadMenu().then((module) => ({ default: module.Menu })));

/** What stands around every view: where to go, what to look for, who asks, and whether changes come in. */
export function Shell() {
  useLiveRegistry();
  const [isSearching, setSearching] = useState(false);
  const key = useOverlay();
  const menu = useOverlay();
  useSearchKey(() => setSearching((before) => !before));
  return (
    <div className="min-h-screen lg:pl-56">
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-panel focus:p-3">
        Skip to what this page shows
      </a>
      <aside className="fixed inset-y-0 left-0 hidden w-56 overflow-y-auto border-line border-r bg-panel lg:block">
        <HomeLink />
        <Navigation />
      </aside>
      <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-line border-b bg-panel px-3">
        <Button
          look="quiet"
          className="lg:hidden"
          aria-label="Menu"
          aria-haspopup="dialog"
          aria-expanded={menu.isOpen}
          onPointerEnter={loadMenu}
          onClick={() => menu.setOpen(true)}
        >
          <MenuSign size={16} aria-hidden />
        </Button>
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
        <Button
          look="quiet"
          aria-label="API key"
          title="API key"
          aria-haspopup="dialog"
          aria-expanded={key.isOpen}
          onPointerEnter={loadKey}
          onClick={() => key.setOpen(true)}
        >
          <KeyRound size={16} aria-hidden />
        </Button>
      </header>
      <main id="main" tabIndex={-1} className="p-3 sm:p-6">
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <Suspense>{isSearching && <SearchPalette onClose={() => setSearching(false)} />}</Suspense>
      <Suspense>{key.wasOpened && <KeyDialog isOpen={key.isOpen} onOpenChange={key.setOpen} />}</Suspense>
      <Suspense>{menu.wasOpened && <Menu isOpen={menu.isOpen} onOpenChange={menu.setOpen} />}</Suspense>
    </div>
  );
}

/** What is loaded when one first opens it, and stays then: it gives the focus back as it closes. */
function useOverlay() {
  const [isOpen, setOpen] = useState(false);
  const [wasOpened, setWasOpened] = useState(false);
  if (isOpen && !wasOpened) setWasOpened(true);
  return { isOpen, wasOpened, setOpen };
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
