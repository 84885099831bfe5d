import type { Command, Option } from 'commander';
import { program } from '../../server/cli/program.ts';
import { inCell } from './markdown.ts';

/** Every command with its arguments and options, as `--help` has them. */
export async function cliReference(): Promise<string> {
  const sections = program.commands.flatMap((command) => commandSections(command, 'featuregraph'));
  return `# Commands\n\nWritten by \`npm run docs\` from the program. [The command line](../cli.md) shows them at work.\n\n${sections.join('\n\n')}\n`;
}

function commandSections(command: Command, above: string): string[] {
  const words = `${above} ${command.name()}`;
  const below = command.commands.flatMap((one) => commandSections(one, words));
  const usage = `\`${words} ${command.usage()}\``;
  const given = command.registeredArguments.map((one) => [argumentName(one), inCell(one.description)]);
  const options = command.options.filter(({ hidden }) => !hidden).map((one) => [one.flags, inCell(described(one))]);
  const rows = [...given, ...options].map(([name, what]) => `| \`${name}\` | ${what} |`);
  const table = rows.length === 0 ? '' : ['| | |', '|---|---|', ...rows].join('\n');
  const parts = [`## ${words}`, command.description(), usage, table].filter((part) => part !== '');
  return [parts.join('\n\n'), ...below];
}

function argumentName(given: Command['registeredArguments'][number]): string {
  const text = `${given.name()}${given.variadic ? '...' : ''}`;
  return given.required ? `<${text}>` : `[${text}]`;
}

function described({ description, envVar, defaultValue }: Option): string {
  const usual =
    defaultValue === undefined || typeof defaultValue === 'boolean' ? '' : `; ${defaultValue} when left out`;
  return `${description}${usual}${envVar === undefined ? '' : `; or \`${envVar}\``}`;
}
