import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';

/** A page that is built with all that it needs. */
export type BuiltPage = {
  /** Its folder among what is built, where its `index.html` is. */
  name: string;
  /** At what addresses the page itself is; a `*` at the end stands for any rest. */
  addresses: readonly string[];
  /** The files that it is made of: below which address, and in which folder of its own. */
  files: { prefix: string; folder: string };
  contentSecurityPolicy: string;
  /** What is shown at its addresses: where it can't do its work, a page that says why. */
  shown?: string;
};

/** Beside the compiled server; a checkout, which runs its source, has it among what is built. */
const built = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../dist' : '..');

/** Names of files carry a hash of their content. */
const aYear = 'public, max-age=31536000, immutable';

/** Serves a page from here, compressed as it was built: no request leaves the machine. A server that can't says why. */
export async function serveBuiltPage(server: FastifyInstance, page: BuiltPage): Promise<void> {
  const { name, addresses, files, contentSecurityPolicy, shown = 'index.html' } = page;
  const root = join(built, name);
  const isBuilt = await access(join(root, shown)).then(
    () => true,
    () => false,
  );
  if (!isBuilt) return without(server, page, `The ${name} is not built: run \`npm install\`.\n`);
  await server.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: join(root, files.folder),
      prefix: files.prefix,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (response, path) => {
        const isPage = /\.html(\.br|\.gz)?$/.test(path);
        response.header('cache-control', isPage ? 'no-cache' : aYear);
        response.header('content-security-policy', contentSecurityPolicy);
      },
    });
    const show = (_request: unknown, reply: FastifyReply) => reply.sendFile(shown, root);
    for (const address of addresses) scope.get(address, show);
  });
}

const manifest = z.record(z.string(), z.string());

/** What a page sends, by the ids that it names them by: written as it was built. None where it is not built. */
export async function documentsOfPage(name: string): Promise<ReadonlyMap<string, string>> {
  const file = join(built, name, 'documents.json');
  try {
    return new Map(Object.entries(manifest.parse(JSON.parse(await readFile(file, 'utf8')))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

function without(server: FastifyInstance, { addresses }: BuiltPage, why: string): void {
  for (const address of addresses)
    server.get(address, async (_request, reply) => reply.code(404).type('text/plain').send(why));
}
