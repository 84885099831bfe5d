import type { IndexHtmlTransformContext, Plugin } from 'vite';

/** What the first script imports, each with all that it needs and none before it has: few files, for each takes time to ask for. */
export const groups = [
  { name: 'beginning', test: /vite\/preload-helper|\/dashboard\/shell\/(theme|ask-for-view)\.ts/ },
  { name: 'react', test: /\/react-dom\/client/ },
  { name: 'graph', test: /\/dashboard\/shell\/graph-provider/ },
  { name: 'shell', test: /\/dashboard\/shell\/shell/ },
  { name: 'application', test: /\/dashboard\/application/ },
].map((group, index, all) => ({ ...group, priority: all.length - index }));

/** The views that are loaded when one goes there, and which addresses show each: whoever opens the page at one needs it then. */
const views = [
  { module: 'resource/resource-page', at: '^/resources/[^/]+/.' },
  { module: 'jobs/jobs-page', at: '^/jobs$' },
  { module: 'jobs/job-page', at: '^/jobs/.' },
  { module: 'explorer/explorer-page', at: '^/explore$' },
  { module: 'lineage/lineage-page', at: '^/lineage/' },
  { module: 'register/register-page', at: '^/register$' },
  { module: 'access/access-page', at: '^/access$' },
  { module: 'access/audit-page', at: '^/audit$' },
  { module: 'settings/settings-page', at: '^/settings$' },
];

/**
 * Lets the page ask at once for all that its first script imports when it runs, and paint before any of it comes: what stands
 * in the page itself is to be seen first. What else the views need stands there without a purpose, which `askForView` gives it.
 */
export const asksAtOnce: Plugin = {
  name: 'asks-at-once',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {}, chunk }) {
      const first = withImports(chunk?.dynamicImports ?? [], bundle).filter((file) => !html.includes(file));
      const links = first.map((file) => `<link rel="modulepreload" crossorigin href="/${file}">`);
      for (const { module, at } of views) {
        const entry = Object.keys(bundle).find((file) => holds(bundle[file], module)) ?? unknown(module);
        const own = withImports([entry], bundle).filter((file) => !first.includes(file) && !html.includes(file));
        links.push(...own.map((file) => `<link data-view="${at}" crossorigin href="/${file}">`));
      }
      return html
        .replace('</head>', `  ${links.join('\n    ')}\n  </head>`)
        .replaceAll(/<(script type="module"|link rel="modulepreload")/g, '<$1 fetchpriority="low"');
    },
  },
};

type Bundle = NonNullable<IndexHtmlTransformContext['bundle']>;

/** These files, with all that they import before they run. */
function withImports(files: readonly string[], bundle: Bundle): string[] {
  const reached = new Set<string>();
  const reach = (file: string) => {
    const one = bundle[file];
    if (one?.type !== 'chunk' || reached.has(file)) return;
    reached.add(file);
    for (const imported of one.imports) reach(imported);
  };
  for (const file of files) reach(file);
  return [...reached];
}

function holds(one: Bundle[string] | undefined, module: string): boolean {
  return one?.type === 'chunk' && one.facadeModuleId?.endsWith(`/dashboard/${module}.tsx`) === true;
}

function unknown(module: string): never {
  throw new Error(`no part of the dashboard is ${module}.tsx`);
}
