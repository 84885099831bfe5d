import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import { documentsOfManifest } from '../../src/documents/manifest.ts';
import { ownDocuments } from '../../src/documents/own-documents.ts';
import { askPages, askServer, type ServerOptions } from './asked-server.ts';

const published = z.object({
  publishDocuments: z.object({
    published: z.array(z.object({ documentId: z.string(), name: z.string().nullable() })),
    unchanged: z.array(z.unknown()),
  }),
});

const listed = z.object({
  documentId: z.string(),
  name: z.string().nullable(),
  operation: z.string(),
  publishedBy: z.string(),
  publishedAt: z.string(),
});

export async function publish(file: string, options: ServerOptions): Promise<void> {
  const documents = documentsOfManifest(await manifestOf(file));
  const { publishDocuments } = published.parse(await askServer(options, ownDocuments.publish, { documents }));
  for (const { documentId, name } of publishDocuments.published) process.stdout.write(`${documentId}  ${name ?? ''}\n`);
  const { published: fresh, unchanged } = publishDocuments;
  process.stdout.write(`${fresh.length} published, ${unchanged.length} were published before.\n`);
}

export async function unpublish(ids: string[], options: ServerOptions): Promise<void> {
  await askServer(options, ownDocuments.unpublish, { ids });
  process.stdout.write(`${ids.length} withdrawn.\n`);
}

export async function list(options: ServerOptions): Promise<void> {
  for await (const document of askPages(options, ownDocuments.list, 'documents', listed)) {
    const { documentId, name, operation, publishedBy, publishedAt } = document;
    process.stdout.write(`${documentId}  ${operation}  ${name ?? ''}  ${publishedBy}  ${publishedAt}\n`);
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
