import type { FastifyInstance } from 'fastify';
import type { DocumentsAllowed } from '../src/config/configuration.ts';
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

/** GraphiQL, built by `npm install`. Where only trusted documents run it could ask nothing: a page says that instead. */
export function servePlayground(server: FastifyInstance, allowed: DocumentsAllowed): Promise<void> {
  const page = {
    name: 'playground',
    addresses: [playgroundPath],
    files: { prefix: `${playgroundPath}/`, folder: '.' },
    contentSecurityPolicy,
    shown: allowed === 'any' ? 'index.html' : 'trusted.html',
  };
  return serveBuiltPage(server, page);
}
