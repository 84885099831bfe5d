import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { compressFiles } from '../packaging/compress.js';

/**
 * Bundles the playground into `dist/playground`, with everything that it needs: it is served from there, and asks no
 * other host for anything. File names carry a hash of their content, so that they can be cached for ever. Each lies there
 * compressed as well: a server has no time for that, and a browser takes a fifth of it.
 */
const here = import.meta.dirname;
const target = join(here, '../dist/playground');

const common: BuildOptions = {
  bundle: true,
  minify: true,
  outdir: target,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  metafile: true,
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
};

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });

const workers = await build({
  ...common,
  format: 'iife',
  entryPoints: {
    editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
    json: 'monaco-editor/esm/vs/language/json/json.worker.js',
    graphql: 'monaco-graphql/esm/graphql.worker.js',
  },
});
const workerPath = (name: string) => `/playground/${outputOf(workers.metafile?.outputs, name, '.js')}`;

const page = await build({
  ...common,
  format: 'esm',
  entryPoints: [join(here, 'playground.tsx')],
  jsx: 'automatic',
  loader: { '.ttf': 'file' },
  define: {
    ...common.define,
    WORKERS: JSON.stringify({ editor: workerPath('editor'), json: workerPath('json'), graphql: workerPath('graphql') }),
  },
});

await writeFile(
  join(target, 'index.html'),
  `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>featuregraph</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/playground/${outputOf(page.metafile?.outputs, 'playground', '.css')}" />
    <script type="module" src="/playground/${outputOf(page.metafile?.outputs, 'playground', '.js')}"></script>
  </head>
  <body>
    <div id="playground"><p class="loading">The playground is loading …</p></div>
  </body>
</html>
`,
);

await copyFile(join(here, 'trusted.html'), join(target, 'trusted.html'));
await compressFiles(target);

function outputOf(outputs: Record<string, unknown> | undefined, name: string, ending: string): string {
  const found = Object.keys(outputs ?? {})
    .map((path) => basename(path))
    .find((file) => file.startsWith(`${name}-`) && file.endsWith(ending));
  if (found === undefined) throw new Error(`the build made no ${name}${ending}`);
  return found;
}
