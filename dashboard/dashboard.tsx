import './dashboard.css';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import * as z from 'zod/mini';
import { router } from './router.tsx';
import { GraphProvider } from './shell/graph-provider.tsx';
import { showTheme } from './shell/theme.ts';

// The page may not make code of text, so zod must not try to.
z.config({ jitless: true });
showTheme();

// What the address shows is on its way while the frame is drawn.
void router.load();

const place = document.getElementById('dashboard');
if (place === null) throw new Error('the page has no place for the dashboard');
createRoot(place).render(
  <StrictMode>
    <GraphProvider>
      <RouterProvider router={router} />
    </GraphProvider>
  </StrictMode>,
);
