import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DownloadFormat, SplitPart } from '@featuregraph/client';
import type { Command } from 'commander';
import { Failure } from '../../providers/contract/failure.ts';
import { type Connected, connected, withClient } from './connection.ts';
import { refreshOf, started } from './materialize.ts';
import { wholeNumber } from './numbers.ts';
import { say } from './output.ts';
import { printRows } from './rows.ts';

type OfPart = Connected & { split?: string };

export function addTrainingSet(program: Command): void {
  const sets = program.command('training-set').description('Builds, shows and downloads training sets.');
  addBuild(sets);
  addHead(sets);
  addDownload(sets);
}

function addBuild(sets: Command): void {
  const command = sets
    .command('build')
    .description('Builds a training set anew, of the data of now.')
    .argument('<ref>', 'name or name@variant')
    .option('--all', 'store anew all transformations below, not only those whose inputs changed')
    .option('--no-wait', 'leave the job to itself');
  connected(command).action(async (ref: string, options: Connected & { all?: boolean; wait: boolean }) => {
    await withClient(options, async (client) =>
      started(client, [await client.trainingSet(ref).build({ refresh: refreshOf(options) })], options),
    );
  });
}

const splitOf = ({ split }: OfPart) => split !== undefined && { split: split.toUpperCase() as SplitPart };

function addHead(sets: Command): void {
  const command = sets
    .command('head')
    .description('Prints the first rows.')
    .argument('<ref>', 'name or name@variant')
    .option('--limit <rows>', 'how many', wholeNumber, 10)
    .option('--split <part>', 'train, validation or test');
  connected(command).action(async (ref: string, options: OfPart & { limit: number }) => {
    const { rows } = await withClient(options, (client) =>
      client.trainingSet(ref).page({ first: options.limit, ...splitOf(options) }),
    );
    if (rows === null) throw new Failure('NOT_READY', `"${ref}" has no rows yet: wait for its job.`);
    printRows({ columns: rows.columns, rows: rows.edges.map(({ node }) => node) }, options);
  });
}

function addDownload(sets: Command): void {
  const command = sets
    .command('download')
    .description('Writes all rows to a file.')
    .argument('<ref>', 'name or name@variant')
    .argument('<file>', 'where to: .parquet, .arrow, .csv or .jsonl')
    .option('--split <part>', 'train, validation or test');
  connected(command).action(async (ref: string, file: string, options: OfPart) => {
    const format = (/\.(\w+)$/.exec(file)?.[1] ?? '').toUpperCase();
    if (!['PARQUET', 'ARROW', 'CSV', 'JSONL'].includes(format))
      throw new Failure(
        'INVALID_INPUT',
        `No format is told by "${file}": end it with .parquet, .arrow, .csv or .jsonl.`,
      );
    await withClient(options, async (client) => {
      const answer = await client.trainingSet(ref).download({ format: format as DownloadFormat, ...splitOf(options) });
      if (answer.body === null) throw new Failure('UNAVAILABLE', 'The server sent nothing.');
      await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(file));
      say(`Wrote ${answer.headers.get('x-featuregraph-rows')} rows to ${file}.`);
    });
  });
}
