import { basename, dirname } from 'node:path';
import send from '@fastify/send';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Bytes that are read at once: with less, most of the time of a large file goes into asking for the next part. */
const highWaterMark = 1 << 20;

/** A file, or those bytes of it that `Range` asks for. `begin` says its type and name, once it is there. */
export async function sendStoredFile(
  request: FastifyRequest,
  begin: () => FastifyReply,
  path: string,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<FastifyReply> {
  const options = {
    root: dirname(path),
    contentType: false,
    cacheControl: false,
    dotfiles: 'allow' as const,
    highWaterMark,
  };
  const { statusCode, headers, stream, ...result } = await send(
    request.raw,
    encodeURIComponent(basename(path)),
    options,
  );
  if (result.type === 'error' && statusCode !== 416) throw result.metadata.error;
  stream.once('error', failed);
  signal.addEventListener('abort', () => stream.destroy(), { once: true });
  return begin().code(statusCode).headers(headers).send(stream);
}
