/**
 * Has the browser ask now for what only the view at this address needs, which runs when the rest has: the page names that
 * of every view, with the addresses at which it is shown.
 */
export function askForView(path: string): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[data-view]')) {
    if (!new RegExp(link.dataset.view ?? '').test(path)) continue;
    link.fetchPriority = 'low';
    link.rel = 'modulepreload';
  }
}
