/** Runs after `npm install` in a checkout: builds the playground, where what it is built with is installed. */
try {
  import.meta.resolve('esbuild');
} catch {
  process.stdout.write('The playground is not built: that needs the development dependencies.\n');
  process.exit(0);
}
await import('../playground/build.ts');
