import './dashboard.css';
import { askForView } from './shell/ask-for-view.ts';
import { showTheme } from './shell/theme.ts';

showTheme();
askForView(location.pathname);

// All of it is on its way at once, but run in parts: between two of them the browser hears who types or clicks.
await import('react-dom/client');
await import('./shell/graph-provider.tsx');
await import('./shell/shell.tsx');
const { open } = await import('./application.tsx');
open();
