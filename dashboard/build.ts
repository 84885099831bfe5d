import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import { build } from 'vite';
import { compressFiles } from '../packaging/compress.js';
import { asksAtOnce, groups } from './first-load.ts';

/**
 * Bundles the dashboard into `dist/dashboard`, with everything that it needs: it is served from there, and asks no other
 * host for anything. File names carry a hash of their content; each lies there compressed as well.
 */
const target = join(import.meta.dirname, '../dist/dashboard');

await build({
  configFile: false,
  root: import.meta.dirname,
  logLevel: 'warn',
  plugins: [tailwindcss(), asksAtOnce],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: target,
    emptyOutDir: true,
    assetsDir: 'dashboard',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
    target: 'baseline-widely-available',
    rolldownOptions: { checks: { moduleLevelDirective: false }, output: { codeSplitting: { groups } } },
  },
});
await compressFiles(target);
// What the server knows of it that serves it, and serves nobody.
await copyFile(join(import.meta.dirname, 'generated/documents.json'), join(target, 'documents.json'));
