import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Featuregraph, JsonValue } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { print, printJson } from './output.ts';
import type { Placing } from './told-errors.ts';

export function addPush(program: Command): void {
  const command = program
    .command('push')
    .description('Writes rows to where a view is served from; once it ends, reads see them.')
    .argument('<view>', 'name or name@variant')
    .argument('[file]', 'rows as JSON: a list, or one a line; from stdin when left out');
  connected(command).action(async (view: string, file: string | undefined, options: Connected) => {
    const written = file === undefined ? await text(process.stdin) : await readFile(file, 'utf8');
    const rows = rowsFrom(written, file ?? 'stdin');
    const push = (client: Featuregraph) =>
      client.push(
        view,
        rows.map(({ row }) => row),
      );
    const done = await withClient(options, push, placingIn(rows));
    if (options.json) printJson(done);
    else print(`${done.written} written, ${done.stale} older than what is served.`);
  });
}

type Row = { row: { [name: string]: JsonValue }; at: string };

/** Rows, and where each is: in a line of its own, or in a list. */
function rowsFrom(written: string, file: string): Row[] {
  const trimmed = written.trim();
  if (trimmed.startsWith('['))
    return (parsed(trimmed, file) as Row['row'][]).map((row, at) => ({ row, at: `${file}, row ${at + 1}` }));
  return written.split('\n').flatMap((line, index): Row[] => {
    const at = `${file}:${index + 1}`;
    return line.trim() === '' ? [] : [{ row: parsed(line, at) as Row['row'], at }];
  });
}

function parsed(json: string, at: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Failure(
      'INVALID_INPUT',
      `${at} is no JSON: ${(error as Error).message}. Write a list of rows, or each row in a line of its own.`,
    );
  }
}

function placingIn(rows: readonly Row[]): Placing {
  return (path) => {
    const [, index, inner] = /^rows\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
    const row = index === undefined ? undefined : rows[Number(index)];
    return row && { what: inner || 'the row', at: row.at };
  };
}
