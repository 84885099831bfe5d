import { access } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** A page that is built with all that it needs. */
export type BuiltPage = {
  /** Its folder among what is built, where its `index.html` is. */
  name: string;
  /** At what addresses the page itself is; a `*` at the end stands for any rest. */
  addresses: readonly string[];
  /** The files that it is made of: below which address, and in which folder of its own. */
  files: { prefix: string; folder: string };
  contentSecurityPolicy: string;
};

/** Beside the compiled server; a checkout, which runs its source, has it among what is built. */
const built = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../dist' : '..');

/** Names of files carry a hash of their content. */
const aYear = 'public, max-age=31536000, immutable';

/** Serves a page from here, compressed as it was built: no request leaves the machine. A server that can't says why. */
export async function serveBuiltPage(server: FastifyInstance, page: BuiltPage, isOpen: boolean): Promise<void> {
  const { name, addresses, files, contentSecurityPolicy } = page;
  if (!isOpen) return without(server, page, `There is no ${name}: this server runs trusted documents only.\n`);
  const root = join(built, name);
  const isBuilt = await access(join(root, 'index.html')).then(
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
        const isPage = /index\.html(\.br|\.gz)?$/.test(path);
        response.header('cache-control', isPage ? 'no-cache' : aYear);
        response.header('content-security-policy', contentSecurityPolicy);
      },
    });
    const show = (_request: unknown, reply: FastifyReply) => reply.sendFile('index.html', root);
    for (const address of addresses) scope.get(address, show);
  });
}

function without(server: FastifyInstance, { addresses }: BuiltPage, why: string): void {
  for (const address of addresses)
    server.get(address, async (_request, reply) => reply.code(404).type('text/plain').send(why));
}
