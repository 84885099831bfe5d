import { createRequire } from 'node:module';

/** Of this package, which knows itself by name wherever it lies. */
export function packageVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('featuregraph/package.json');
  return version;
}
