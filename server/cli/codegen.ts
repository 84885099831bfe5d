import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';

type CodegenOptions = { url?: string; apiKey?: string; check?: boolean };

export function addCodegen(program: Command): void {
  program
    .command('codegen')
    .argument('<file>', 'the module of TypeScript to write')
    .description('Writes a typed module of the services, entities and training sets of a server.')
    .option('--url <url>', 'where the server answers; FEATUREGRAPH_URL, or this machine, when left out')
    .option('--api-key <key>', 'who asks; FEATUREGRAPH_API_KEY when left out')
    .option('--check', 'write nothing: end with 1 when the file is not what would be written')
    .action(async (file: string, { url, apiKey, check }: CodegenOptions) => {
      const { connect } = await import('@featuregraph/client');
      const { readRegistry } = await import('../codegen/registry-reading.ts');
      const { registryModule } = await import('../codegen/registry-module.ts');
      const client = connect({
        url: url ?? process.env.FEATUREGRAPH_URL ?? `http://127.0.0.1:${process.env.FEATUREGRAPH_PORT ?? '4000'}`,
        ...((apiKey ?? process.env.FEATUREGRAPH_API_KEY) && { apiKey: apiKey ?? process.env.FEATUREGRAPH_API_KEY }),
      });
      const written = registryModule(await readRegistry(client));
      if (check !== true) return writeFile(file, written);
      const present = await readFile(file, 'utf8').catch(() => undefined);
      if (present === written) return;
      const what = present === undefined ? 'There is no' : 'What is registered has changed since it wrote';
      throw new Failure('SCHEMA_MISMATCH', `${what} ${file}. Run \`featuregraph codegen ${file}\`.`);
    });
}
