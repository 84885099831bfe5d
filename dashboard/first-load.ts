import type { Plugin } from 'vite';

/** What the first script imports, each with all that it needs and none before it has: few files, for each takes time to ask for. */
export const groups = [
  { name: 'beginning', test: /vite\/preload-helper|\/dashboard\/shell\/theme\.ts/ },
  { name: 'react', test: /\/react-dom\/client/ },
  { name: 'graph', test: /\/dashboard\/shell\/graph-provider/ },
  { name: 'shell', test: /\/dashboard\/shell\/shell/ },
  { name: 'application', test: /\/dashboard\/application/ },
].map((group, index, all) => ({ ...group, priority: all.length - index }));

/**
 * Lets the page ask at once for all that its first script imports when it runs, and paint before any of it comes: what stands
 * in the page itself is to be seen first.
 */
export const asksAtOnce: Plugin = {
  name: 'asks-at-once',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {}, chunk }) {
      const reached = new Set<string>();
      const reach = (file: string) => {
        const one = bundle[file];
        if (one?.type !== 'chunk' || reached.has(file)) return;
        reached.add(file);
        for (const imported of one.imports) reach(imported);
      };
      for (const file of chunk?.dynamicImports ?? []) reach(file);
      const links = [...reached]
        .filter((file) => !html.includes(file))
        .map((file) => `<link rel="modulepreload" crossorigin href="/${file}">`);
      return html
        .replace('</head>', `  ${links.join('\n    ')}\n  </head>`)
        .replaceAll(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"');
    },
  },
};
