import type { FastifyRequest } from 'fastify';

/** Whose requests are counted together: those of one address, since nothing a client says of itself is proof. */
export function principalOf(request: FastifyRequest): string {
  return request.ip;
}
