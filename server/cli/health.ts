import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';

const timeoutMs = 2_000;

export function addHealth(program: Command): void {
  program
    .command('health')
    .description('Asks the server of this machine whether it is ready, and ends with 0 or 1: for health checks.')
    .action(async () => {
      const { readConfiguration } = await import('../../src/config/configuration.ts');
      const { port } = readConfiguration(process.env);
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
      if (!answer.ok) throw new Failure('UNAVAILABLE', 'The server answers, but its registry does not.');
    });
}
