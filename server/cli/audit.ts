import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AuditFilter, AuditRecord } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { wholeNumber } from './numbers.ts';
import { inWords, print, printJson, say, textTable } from './output.ts';

type Filters = Connected & { [K in 'principal' | 'action' | 'resource' | 'outcome' | 'from' | 'to']?: string };

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('Says who did what, and who was denied. For administrators.');
  const list = audit
    .command('list')
    .description('Lists records, the newest first.')
    .option('--limit <records>', 'how many', wholeNumber, 50);
  filtered(list).action(async (options: Filters & { limit: number }) => showRecords(options, options.limit));
  const all = audit
    .command('export')
    .description('Writes all records as JSON Lines, the newest first.')
    .option('--output <file>', 'where to, once it is whole; to stdout when left out');
  filtered(all).action(async (options: Filters & { output?: string }) => exportRecords(options, options.output));
}

function filtered(command: Command): Command {
  command
    .option('--principal <who>', 'of whom, by id or name')
    .option('--action <action>', 'what was done, as REGISTER')
    .option('--resource <resource>', 'to what, as "FEATURE_VIEW stats@v1"')
    .option('--outcome <outcome>', 'done, denied or failed')
    .option('--from <instant>', 'not before, as 2024-05-01T00:00:00Z')
    .option('--to <instant>', 'before');
  return connected(command);
}

function filterFrom({ principal, action, resource, outcome, from, to }: Filters): AuditFilter {
  return {
    ...(principal && { principal }),
    ...(action && { action }),
    ...(resource && { resource }),
    ...(outcome && { outcome: outcome.toUpperCase() as NonNullable<AuditFilter['outcome']> }),
    ...(from && { from }),
    ...(to && { to }),
  };
}

async function showRecords(options: Filters, limit: number): Promise<void> {
  const found: AuditRecord[] = [];
  await withClient(options, async (client) => {
    for await (const record of client.audit.list(filterFrom(options))) {
      if (found.push(record) >= limit) break;
    }
  });
  if (options.json) return printJson(found);
  const rows = found.map((record) => [
    record.at,
    record.principalName,
    record.action,
    record.resource,
    inWords(record.outcome),
    record.count,
    record.address,
  ]);
  print(textTable(['at', 'who', 'action', 'resource', 'outcome', 'times', 'from'], rows));
}

/** A file is there whole or not at all. */
async function exportRecords(options: Filters, output: string | undefined): Promise<void> {
  await withClient(options, async (client) => {
    const { body } = await client.audit.export(filterFrom(options));
    if (body === null) throw new Failure('UNAVAILABLE', 'The server sent nothing.');
    const lines = Readable.fromWeb(body as never);
    if (output === undefined) return pipeline(lines, process.stdout, { end: false }).catch(cut);
    const part = `${output}.part`;
    try {
      await pipeline(lines, createWriteStream(part));
      await rename(part, output);
    } catch (error) {
      await rm(part, { force: true });
      throw isOfFile(error) ? new Failure('INVALID_INPUT', `${output} can't be written: ${error.message}`) : cut(error);
    }
    say(`Wrote the audit log to ${output}.`);
  });
}

function isOfFile(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

/** Whoever reads stdout may have enough; anything else is a log that is not whole. */
function cut(error: unknown): never {
  if ((error as { code?: string }).code === 'EPIPE') process.exit(0);
  throw new Failure('UNAVAILABLE', 'The audit log was cut: ask again.', { cause: error });
}
