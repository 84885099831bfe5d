/** Runs after `npm install` in a checkout: builds the pages that the server serves, where what they are built with is installed. */
try {
  for (const builder of ['esbuild', 'vite']) import.meta.resolve(builder);
} catch {
  process.stdout.write('The playground and the dashboard are not built: that needs the development dependencies.\n');
  process.exit(0);
}
await import('../playground/build.ts');
await import('../dashboard/build.ts');
