import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const bundle = join(import.meta.dirname, '../../dist/playground');

/** GraphiQL at the root, built by `npm install` and served from here: no request leaves the machine. */
export async function servePlayground(server: FastifyInstance): Promise<void> {
  const page = await readFile(join(bundle, 'index.html')).catch(() => undefined);
  if (page === undefined) {
    server.get('/', async (_request, reply) =>
      reply.code(404).type('text/plain').send('The playground is not built: run `npm install`.\n'),
    );
    return;
  }
  await server.register(fastifyStatic, { root: bundle, prefix: '/', index: ['index.html'] });
}
