import { readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema.ts';

/** Writes the schema to `schema/schema.graphql`; with `--check` it only tells whether that file is as it should be. */
const file = new URL('schema.graphql', import.meta.url);
const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed !== printed) {
    process.stderr.write(
      'schema/schema.graphql is not what the code says: run `npm run schema` and review the difference.\n',
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(file, printed);
}
