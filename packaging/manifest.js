import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * A checkout runs its TypeScript, a package what is compiled of it: `pack` puts what `publishConfig` says in the place of
 * the same fields of the package.json here, leaves out what is of no use to who installs it, and takes away what was compiled
 * before; `unpack` undoes the first two.
 */
const [file, kept] = ['package.json', 'package.json.checkout'];
const pages = ['playground', 'dashboard'];
const onlyHere = ['scripts', 'devDependencies', 'overrides', 'workspaces', 'publishConfig'];

if (process.argv[2] === 'pack') {
  if (!existsSync(kept)) copyFileSync(file, kept);
  const manifest = JSON.parse(readFileSync(kept, 'utf8'));
  const published = Object.entries({ ...manifest, ...manifest.publishConfig }).filter(([key]) => !onlyHere.includes(key));
  for (const name of existsSync('dist') ? readdirSync('dist') : [])
    if (!pages.includes(name)) rmSync(`dist/${name}`, { recursive: true });
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(published), null, 2)}\n`);
} else {
  renameSync(kept, file);
}
