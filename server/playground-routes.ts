import { access } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Beside the compiled server; a checkout, which runs its source, has it among what is built. */
const bundle = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../dist/playground' : '../playground');

/** Nothing may come from elsewhere, for a worker neither. Monaco writes style elements, and nothing else inline. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "frame-ancestors 'none'",
].join('; ');

const aYear = 'public, max-age=31536000, immutable';

/** GraphiQL at the root, built by `npm install` and served from here: no request leaves the machine. */
export async function servePlayground(server: FastifyInstance, isOpen: boolean): Promise<void> {
  if (!isOpen) {
    server.get('/', async (_request, reply) =>
      reply.code(404).type('text/plain').send('There is no playground: this server runs trusted documents only.\n'),
    );
    return;
  }
  const isBuilt = await access(join(bundle, 'index.html')).then(
    () => true,
    () => false,
  );
  if (!isBuilt) {
    server.get('/', async (_request, reply) =>
      reply.code(404).type('text/plain').send('The playground is not built: run `npm install`.\n'),
    );
    return;
  }
  await server.register(fastifyStatic, {
    root: bundle,
    cacheControl: false,
    setHeaders: (response, path) => {
      const isPage = path.endsWith('index.html');
      response.header('cache-control', isPage ? 'no-cache' : aYear);
      response.header('content-security-policy', contentSecurityPolicy);
    },
  });
}
