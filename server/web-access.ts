import { isIP } from 'node:net';
import fastifyCors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Configuration } from '../src/config/configuration.ts';
import { RequestRefused } from './request-refused.ts';

/** What answers may do in a browser. The playground has a policy of its own. */
const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/**
 * Any page that a browser has open can reach this machine, by a name of its own too. So that none reads or does anything
 * here, requests and sockets must come to a name of the server's, and from a page of the server's or an allowed one.
 */
export async function guardBrowsers(
  server: FastifyInstance,
  configuration: Pick<Configuration, 'host' | 'web'>,
): Promise<void> {
  const { allowedOrigins, publicHosts } = configuration.web;
  const hosts = new Set([...publicHosts, configuration.host.toLowerCase()]);
  const origins = new Set(allowedOrigins);
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(securityHeaders);
    done(refusal(request, hosts, origins));
  });
  if (origins.size === 0) return;
  await server.register(fastifyCors, {
    origin: [...origins],
    methods: ['GET', 'POST'],
    exposedHeaders: ['content-disposition', 'x-featuregraph-rows'],
    maxAge: 600,
  });
}

function refusal(
  request: FastifyRequest,
  hosts: ReadonlySet<string>,
  origins: ReadonlySet<string>,
): RequestRefused | undefined {
  const { host, origin } = request.headers;
  if (host !== undefined && !isOurs(host, hosts, request)) {
    const fix = 'Name it in FEATUREGRAPH_PUBLIC_HOSTS, where it is meant.';
    return refused(421, 'host', 'This server is not reached under that name.', fix);
  }
  if (origin === undefined || origins.has(origin)) return undefined;
  if (host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()) return undefined;
  const fix = 'Name its origin in FEATUREGRAPH_ALLOWED_ORIGINS, where it is meant.';
  return refused(403, 'origin', 'Pages of that origin may not ask here.', fix);
}

const known = new Map<string, string | undefined>();

/** The name in a `Host`, without its port; undefined where it is none. */
function nameOf(host: string): string | undefined {
  if (known.has(host)) return known.get(host);
  const url = `http://${host}/`;
  const isHost = /^[\w.:[\]-]+$/.test(host) && URL.canParse(url);
  const name = isHost ? new URL(url).hostname : undefined;
  if (known.size > 1_000) known.clear();
  known.set(host, name);
  return name;
}

function isOurs(host: string, hosts: ReadonlySet<string>, { socket }: FastifyRequest): boolean {
  const name = nameOf(host);
  if (name === undefined) return false;
  if (name === 'localhost' || hosts.has('*') || hosts.has(name) || name.endsWith('.localhost')) return true;
  const address = name.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return false;
  return address.startsWith('127.') || address === '::1' || isLocal(address, socket.localAddress);
}

/** An address is no name that somebody else could give to this machine. */
function isLocal(address: string, local: string | undefined): boolean {
  return local !== undefined && (local === address || local === `::ffff:${address}`);
}

function refused(statusCode: number, path: string, message: string, fix: string): RequestRefused {
  return new RequestRefused(statusCode, 'BAD_REQUEST', {
    message,
    issues: [{ path, message: 'is not allowed', fix }],
    retryable: false,
  });
}
