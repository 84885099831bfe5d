import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { wholeNumber } from './numbers.ts';
import { printRows } from './rows.ts';

export function addPreview(program: Command): void {
  const command = program
    .command('preview')
    .description('Prints the first rows of a source.')
    .argument('<source>', 'name or name@variant')
    .option('--limit <rows>', 'how many', wholeNumber, 10);
  connected(command).action(async (ref: string, options: Connected & { limit: number }) => {
    const { source } = await withClient(options, (client) =>
      client.operations.SourcePreview({ ref, limit: options.limit }),
    );
    if (source === null) throw new Failure('NOT_FOUND', `There is no source "${ref}".`);
    printRows(source.preview, options);
  });
}
