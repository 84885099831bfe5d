import type { FastifyInstance } from 'fastify';
import { serveBuiltPage } from './built-page.ts';

/** Each view has an address that can be sent to somebody; none may be one of the API's. */
export const dashboardPaths = [
  '/',
  '/resources',
  '/resources/*',
  '/lineage/*',
  '/jobs',
  '/jobs/*',
  '/explore',
  '/register',
  '/access',
  '/audit',
  '/settings',
];

/** Nothing may come from elsewhere. What lies over the page writes style elements, and nothing else inline. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What people find that open the server's address in a browser: built by `npm install`, on the public graph alone. */
export function serveDashboard(server: FastifyInstance): Promise<void> {
  const files = { prefix: '/dashboard/', folder: 'dashboard' };
  return serveBuiltPage(server, { name: 'dashboard', addresses: dashboardPaths, files, contentSecurityPolicy });
}
