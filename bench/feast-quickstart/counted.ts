import { readFile } from 'node:fs/promises';

/** What a person types and writes to get from a file of rows to training data and to served features. */
export type Quickstart = { commands: readonly string[]; files: readonly string[] };

export const quickstarts = {
  feast: {
    commands: ['pip install feast', 'feast apply', 'python program.py'],
    files: ['feast/feature_repo/feature_store.yaml', 'feast/feature_repo/definitions.py', 'feast/program.py'],
  },
  featuregraph: {
    commands: [
      "pip install 'featuregraph[pandas]'",
      'npm install featuregraph',
      'npx featuregraph dev',
      'python program.py',
    ],
    files: ['featuregraph/program.py'],
  },
} as const satisfies Record<string, Quickstart>;

/** Lines that say something: none that are empty or a comment. */
export async function linesOf(file: string): Promise<number> {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#')).length;
}

export async function counted({ commands, files }: Quickstart) {
  const lines = await Promise.all(files.map(linesOf));
  return { commands: commands.length, files: files.length, lines: lines.reduce((sum, one) => sum + one, 0) };
}
