import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import { inWords, print, printJson, styled } from './output.ts';

type Finding = { what: string; fine: boolean; message: string };

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Looks for what is wrong: the configuration here, every provider, what failed; ends with 1 where something is.',
    );
  connected(command).action(async (options: Connected) => {
    const findings = [await configurationFinding(), ...(await serverFindings(options))];
    if (options.json) printJson(findings);
    else
      for (const { what, fine, message } of findings)
        print(`${fine ? styled('green', '✓') : styled('red', '✗')} ${what}${message === '' ? '' : `: ${message}`}`);
    if (findings.some(({ fine }) => !fine)) process.exitCode = 1;
  });
}

async function configurationFinding(): Promise<Finding> {
  const { readConfiguration } = await import('../../src/config/configuration.ts');
  try {
    readConfiguration(process.env);
    return { what: 'configuration', fine: true, message: '' };
  } catch (error) {
    return { what: 'configuration', fine: false, message: (error as Error).message };
  }
}

async function serverFindings(options: Connected): Promise<Finding[]> {
  try {
    return await withClient(options, async (client) => {
      const findings: Finding[] = [{ what: 'server', fine: true, message: '' }];
      const { providers } = await client.operations.ProviderHealth({ first: 100 });
      for (const { node } of providers.edges) {
        const { healthy, milliseconds, message, warnings } = node.health;
        const told = healthy
          ? [`${milliseconds.toFixed(0)} ms`, ...warnings].join('; ')
          : (message ?? 'does not answer');
        findings.push({ what: `provider ${node.ref} (${node.product})`, fine: healthy, message: told });
      }
      for await (const one of client.resources({ statuses: ['FAILED'] }))
        if (one.kind !== 'FEATURE')
          findings.push({
            what: `${inWords(one.kind)} ${one.ref}`,
            fine: false,
            message: one.statusMessage ?? 'failed',
          });
      return findings;
    });
  } catch (error) {
    return [{ what: 'server', fine: false, message: (error as Error).message }];
  }
}
