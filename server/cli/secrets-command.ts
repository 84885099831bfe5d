import type { Command } from 'commander';
import { z } from 'zod';
import { ownDocuments } from '../../src/documents/own-documents.ts';
import { askServer, type ServerOptions } from './asked-server.ts';

const resealed = z.object({
  resealSecrets: z.object({ resealed: z.array(z.string()), unopened: z.array(z.string()) }),
});

/** `featuregraph secrets …`: what the server keeps sealed. */
export function addSecrets(program: Command): void {
  program
    .command('secrets')
    .description('Secrets that the server keeps sealed.')
    .command('reseal')
    .description('Seals with the first of its keys what earlier ones have sealed, so that these can go.')
    .option('--url <url>', 'where the server answers; FEATUREGRAPH_URL, or this machine, when left out')
    .option('--api-key <key>', 'who asks; FEATUREGRAPH_API_KEY when left out')
    .action(reseal);
}

async function reseal(options: ServerOptions): Promise<void> {
  const { resealSecrets } = resealed.parse(await askServer(options, ownDocuments.reseal, {}));
  process.stdout.write(`${resealSecrets.resealed.length} providers have their secrets sealed anew.\n`);
  for (const ref of resealSecrets.unopened) process.stderr.write(`${ref}: no key of the server opens its secret.\n`);
  if (resealSecrets.unopened.length > 0) process.exitCode = 1;
}
