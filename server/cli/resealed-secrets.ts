import { z } from 'zod';
import { ownDocuments } from '../../src/documents/own-documents.ts';
import { askServer, type ServerOptions } from './asked-server.ts';

const resealed = z.object({
  resealSecrets: z.object({ resealed: z.array(z.string()), unopened: z.array(z.string()) }),
});

export async function reseal(options: ServerOptions): Promise<void> {
  const { resealSecrets } = resealed.parse(await askServer(options, ownDocuments.reseal, {}));
  process.stdout.write(`${resealSecrets.resealed.length} providers have their secrets sealed anew.\n`);
  for (const ref of resealSecrets.unopened) process.stderr.write(`${ref}: no key of the server opens its secret.\n`);
  if (resealSecrets.unopened.length > 0) process.exitCode = 1;
}
