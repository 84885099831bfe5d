import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { JsonValue } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { print, printJson } from './output.ts';

export function addPush(program: Command): void {
  const command = program
    .command('push')
    .description('Writes rows to where a view is served from; once it ends, reads see them.')
    .argument('<view>', 'name or name@variant')
    .argument('[file]', 'rows as JSON: a list, or one a line; from stdin when left out');
  connected(command).action(async (view: string, file: string | undefined, options: Connected) => {
    const rows = rowsFrom(file === undefined ? await text(process.stdin) : await readFile(file, 'utf8'));
    const done = await withClient(options, (client) => client.push(view, rows));
    if (options.json) printJson(done);
    else print(`${done.written} written, ${done.stale} older than what is served.`);
  });
}

function rowsFrom(written: string): { [name: string]: JsonValue }[] {
  const trimmed = written.trim();
  try {
    if (trimmed.startsWith('[')) return JSON.parse(trimmed);
    return trimmed.split('\n').map((line) => JSON.parse(line));
  } catch (error) {
    throw new Failure('INVALID_INPUT', `The rows are no JSON: ${(error as Error).message}.`);
  }
}
