import { pipeline, type Readable } from 'node:stream';
import zlib from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The same bytes, by Zstandard where who asks takes that. What fails in them fails in what is sent, which is then cut. */
export function compressed(request: FastifyRequest, reply: FastifyReply, stream: Readable): Readable {
  reply.header('vary', 'accept-encoding');
  // Node has it since 22.15, and a module that names it can't be loaded before.
  const { createZstdCompress }: Partial<typeof zlib> = zlib;
  if (createZstdCompress === undefined || !takesZstd(request.headers['accept-encoding'])) return stream;
  reply.header('content-encoding', 'zstd');
  return pipeline(stream, createZstdCompress(), () => {});
}

function takesZstd(accepted: string | string[] | undefined): boolean {
  return `${accepted ?? ''}`.split(',').some((one) => /^\s*zstd\s*(;\s*q=(?!0(\.0*)?\s*$)[\d.]+\s*)?$/i.test(one));
}
