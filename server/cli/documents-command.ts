import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import { documentsOfManifest } from '../../src/documents/manifest.ts';
import { ownDocuments } from '../../src/documents/own-documents.ts';
import { askServer, type ServerOptions } from './asked-server.ts';

const published = z.object({
  publishDocuments: z.object({
    published: z.array(z.object({ documentId: z.string(), name: z.string().nullable() })),
    unchanged: z.array(z.unknown()),
  }),
});

const listed = z.object({
  documents: z.object({
    edges: z.array(
      z.object({
        node: z.object({
          documentId: z.string(),
          name: z.string().nullable(),
          operation: z.string(),
          publishedBy: z.string(),
          publishedAt: z.string(),
        }),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

/** `featuregraph documents …`: what a deployment's servers run by id. */
export function addDocuments(program: Command): void {
  const documents = program
    .command('documents')
    .description('Documents that clients name by id instead of sending them.');
  withServer(documents.command('publish <file>'))
    .description("Publishes a manifest: what a client's build has written of its documents.")
    .action(publish);
  withServer(documents.command('unpublish <ids...>')).description('Withdraws documents.').action(unpublish);
  withServer(documents.command('list')).description('Lists the documents that are published.').action(list);
}

function withServer(command: Command): Command {
  return command
    .option('--url <url>', 'where the server answers; FEATUREGRAPH_URL, or this machine, when left out')
    .option('--api-key <key>', 'who asks; FEATUREGRAPH_API_KEY when left out');
}

async function publish(file: string, options: ServerOptions): Promise<void> {
  const documents = documentsOfManifest(await manifestOf(file));
  const { publishDocuments } = published.parse(await askServer(options, ownDocuments.publish, { documents }));
  for (const { documentId, name } of publishDocuments.published) process.stdout.write(`${documentId}  ${name ?? ''}\n`);
  const { published: fresh, unchanged } = publishDocuments;
  process.stdout.write(`${fresh.length} published, ${unchanged.length} were published before.\n`);
}

async function unpublish(ids: string[], options: ServerOptions): Promise<void> {
  await askServer(options, ownDocuments.unpublish, { ids });
  process.stdout.write(`${ids.length} withdrawn.\n`);
}

async function list(options: ServerOptions): Promise<void> {
  for (let after: string | null = null; ; ) {
    const { documents } = listed.parse(await askServer(options, ownDocuments.list, { first: 500, after }));
    for (const { node } of documents.edges) {
      const { documentId, name, operation, publishedBy, publishedAt } = node;
      process.stdout.write(`${documentId}  ${operation}  ${name ?? ''}  ${publishedBy}  ${publishedAt}\n`);
    }
    if (!documents.pageInfo.hasNextPage) return;
    after = documents.pageInfo.endCursor;
  }
}

async function manifestOf(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Failure('NOT_FOUND', `There is no file ${file} that can be read.`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure('INVALID_INPUT', `${file} is no JSON.`);
  }
}
