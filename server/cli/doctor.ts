import { type ProviderHealthQuery, pagesOf } from '@featuregraph/client';
import type { Command } from 'commander';
import { type Connected, connected, withClient } from './connection.ts';
import type { Finding } from './finding.ts';
import { inWords, print, printJson, styled } from './output.ts';

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'Looks for what is wrong: the configuration here, every provider, what failed, schedules, secrets; ends with 1 where something is.',
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
      const { operations } = client;
      for await (const provider of pagesOf(
        async (after) => (await operations.ProviderHealth({ first: 100, after })).providers,
      ))
        findings.push(providerFinding(provider));
      for await (const one of client.resources({ statuses: ['FAILED'] }))
        if (one.kind !== 'FEATURE')
          findings.push({
            what: `${inWords(one.kind)} ${one.ref}`,
            fine: false,
            message: one.statusMessage ?? 'failed',
          });
      const { scheduleFindings } = await import('./schedule-findings.ts');
      const { secretFindings } = await import('./secret-findings.ts');
      findings.push(...(await scheduleFindings(options)), ...(await secretFindings(options, process.env)));
      return findings;
    });
  } catch (error) {
    return [{ what: 'server', fine: false, message: (error as Error).message }];
  }
}

type ProviderNode = ProviderHealthQuery['providers']['edges'][number]['node'];

function providerFinding({ ref, product, health }: ProviderNode): Finding {
  const { healthy, milliseconds, message, warnings } = health;
  const told = healthy ? [`${milliseconds.toFixed(0)} ms`, ...warnings].join('; ') : (message ?? 'does not answer');
  return { what: `provider ${ref} (${product})`, fine: healthy, message: told };
}
