import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

const gzip = promisify(zlib.gzip);

/** The same bytes, by Zstandard where who asks takes that. What fails in them fails in what is sent, which is then cut. */
export function compressed(request: FastifyRequest, reply: FastifyReply, stream: Readable): Readable {
  reply.header('vary', 'accept-encoding');
  // Node has it since 22.15, and a module that names it can't be loaded before.
  const { createZstdCompress }: Partial<typeof zlib> = zlib;
  if (createZstdCompress === undefined || !takes('zstd', request)) return stream;
  reply.header('content-encoding', 'zstd');
  return pipeline(stream, createZstdCompress(), () => {});
}

/** What is shorter is there as soon. */
const fewestCharacters = 4_096;

/**
 * An answer by gzip, where a page asks that takes it and the answer is long: people have pages over networks that take longer
 * for the bytes than this takes. Programs that serve models stand beside the server, and would only wait for it. By `origin` a
 * browser says that a page asks.
 */
export async function compressedForPage(request: FastifyRequest, answer: string): Promise<Buffer | undefined> {
  const isWorthIt = request.headers.origin !== undefined && answer.length >= fewestCharacters;
  if (!isWorthIt || !takes('gzip', request)) return undefined;
  return await gzip(answer, { level: zlib.constants.Z_BEST_SPEED });
}

function takes(encoding: 'gzip' | 'zstd', { headers }: FastifyRequest): boolean {
  return `${headers['accept-encoding'] ?? ''}`.split(',').some((one) => {
    const [name, quality = 'q=1', ...others] = one.split(';').map((part) => part.trim().toLowerCase());
    return name === encoding && others.length === 0 && /^q=(?!0(\.0*)?$)[\d.]+$/.test(quality);
  });
}
