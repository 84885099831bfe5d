import { access } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const bundle = join(import.meta.dirname, '../../dist/playground');

/**
 * What the page may load: this server's own files, and no request leaves for another host. GraphiQL's editor writes
 * style elements, and the style sheet holds fonts and images as data.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** GraphiQL at the root, built by `npm install` and served from here: no request leaves the machine. */
export async function servePlayground(server: FastifyInstance): Promise<void> {
  const built = await access(join(bundle, 'index.html')).then(
    () => true,
    () => false,
  );
  if (!built) {
    server.get('/', async (_request, reply) =>
      reply.code(404).type('text/plain').send('The playground is not built: run `npm install`.\n'),
    );
    return;
  }
  await server.register(fastifyStatic, {
    root: join(bundle, 'assets'),
    prefix: '/assets/',
    index: false,
    // A file's name holds its content's hash.
    immutable: true,
    maxAge: '365d',
    setHeaders: (reply) => void reply.headers(headers),
  });
  server.get('/', async (_request, reply) =>
    reply.headers({ ...headers, 'cache-control': 'no-cache' }).sendFile('index.html', bundle, { cacheControl: false }),
  );
}
