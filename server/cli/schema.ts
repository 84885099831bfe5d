import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { federationVersions } from '../../src/config/federation.ts';

type SchemaOptions = { subgraph?: boolean; federation?: string; url?: string; apiKey?: string; check?: string };

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('Prints the graph that a server serves now, with what is registered, as a composer needs it.')
    .option('--subgraph', 'only the entity graph, as it is composed into a supergraph')
    .addOption(
      new Option('--federation <version>', "for which version of it; the server's own when left out").choices(
        federationVersions,
      ),
    )
    .addOption(
      new Option('--url <url>', 'where the server answers; on this machine when left out').env('FEATUREGRAPH_URL'),
    )
    .addOption(new Option('--api-key <key>', 'who asks').env('FEATUREGRAPH_API_KEY'))
    .option('--check <file>', 'compare with an earlier schema instead: ends with 1 when a change breaks clients')
    .action(async ({ subgraph, federation, url, apiKey, check }: SchemaOptions) => {
      const { servedSchema } = await import('./served-schema.ts');
      const sdl = await servedSchema(url ?? (await addressHere()), subgraph ? 'subgraph' : 'graphql', {
        apiKey,
        federation,
      });
      if (check === undefined) process.stdout.write(sdl);
      else await reportCheck(check, sdl);
    });
}

async function addressHere(): Promise<string> {
  const { readConfiguration } = await import('../../src/config/configuration.ts');
  return `http://127.0.0.1:${readConfiguration(process.env).port}`;
}

async function reportCheck(file: string, sdl: string): Promise<void> {
  const earlier = await readFile(file, 'utf8').catch(() => {
    throw new Failure('NOT_FOUND', `There is no file ${file} that can be read.`);
  });
  const { checkSchema } = await import('./schema-check.ts');
  const { breaking, others } = await checkSchema(earlier, sdl);
  for (const message of breaking) process.stdout.write(`BREAKING  ${message}\n`);
  for (const message of others) process.stdout.write(`          ${message}\n`);
  process.stdout.write(`${breaking.length} of ${breaking.length + others.length} changes break clients.\n`);
  if (breaking.length > 0) process.exitCode = 1;
}
