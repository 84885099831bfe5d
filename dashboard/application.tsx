import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import * as z from 'zod/mini';
import { router } from './router.tsx';
import { GraphProvider } from './shell/graph-provider.tsx';

/** Shows what the address says, in the page's place for it. */
export function open(): void {
  // The page may not make code of text, so zod must not try to.
  z.config({ jitless: true });
  // What the address shows is on its way while the frame is drawn.
  void router.load();
  const place = document.getElementById('dashboard');
  if (place === null) throw new Error('the page has no place for the dashboard');
  const root = createRoot(place);
  // In small steps, between which the browser hears who types or clicks.
  startTransition(() =>
    root.render(
      <StrictMode>
        <GraphProvider>
          <RouterProvider router={router} />
        </GraphProvider>
      </StrictMode>,
    ),
  );
}
