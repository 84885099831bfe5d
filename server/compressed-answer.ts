import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';

const compress = promisify(gzip);

/** What is shorter is there as soon. */
const fewestCharacters = 4_096;
const takesGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i;

/**
 * An answer by gzip, where a page asks that takes it and the answer is long: people have pages over networks that take longer
 * for the bytes than this takes. Programs that serve models stand beside the server, and would only wait for it. By `origin` a
 * browser says that a page asks.
 */
export async function compressedForPage(request: FastifyRequest, answer: string): Promise<Buffer | undefined> {
  const { origin, 'accept-encoding': accepted } = request.headers;
  if (origin === undefined || answer.length < fewestCharacters || !takesGzip.test(`${accepted ?? ''}`))
    return undefined;
  return await compress(answer, { level: constants.Z_BEST_SPEED });
}
