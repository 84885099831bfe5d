import type { FastifyInstance } from 'fastify';
import { serveBuiltPage } from './built-page.ts';

export const playgroundPath = '/playground';

/** Nothing may come from elsewhere, for a worker neither. Monaco writes style elements, and nothing else inline. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL, built by `npm install`. */
export function servePlayground(server: FastifyInstance, isOpen: boolean): Promise<void> {
  const page = {
    name: 'playground',
    addresses: [playgroundPath],
    files: { prefix: `${playgroundPath}/`, folder: '.' },
    contentSecurityPolicy,
  };
  return serveBuiltPage(server, page, isOpen);
}
