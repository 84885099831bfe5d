import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { type Duplex, PassThrough, pipeline } from 'node:stream';
import zlib from 'node:zlib';
import { Failure } from '../../contract/failure.ts';
import type { DataFile } from './data-files.ts';
import { type Misfit, misfitFailure } from './misfit.ts';
import { zstandard } from './zstandard.ts';

const chunkSize = 256 * 1024;

export type Compression = 'uncompressed' | 'gzip' | 'zstd';

/** By the ending, as the engine tells it too. */
export function compressionOf(name: string): Compression {
  if (name.endsWith('.gz')) return 'gzip';
  return name.endsWith('.zst') ? 'zstd' : 'uncompressed';
}

/**
 * The text of a file in UTF-8, decompressed. Fails with SCHEMA_MISMATCH where a compressed file is cut short or
 * damaged as far as its checksum tells, and where bytes are no text of the encoding.
 */
export async function* textOf(file: DataFile, encoding: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const isKept = decoder.encoding === 'utf-8';
  let line = 1;
  for await (const chunk of bytesOf(file, signal)) {
    const text = decoded(decoder, chunk, file, line);
    const bytes = isKept ? chunk : Buffer.from(text);
    line += newlinesIn(bytes);
    yield bytes;
  }
  const rest = decoded(decoder, undefined, file, line);
  if (!isKept && rest !== '') yield Buffer.from(rest);
}

function decoded(
  decoder: InstanceType<typeof TextDecoder>,
  chunk: Buffer | undefined,
  file: DataFile,
  line: number,
): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (cause) {
    const at = chunk === undefined || decoder.encoding !== 'utf-8' ? line : line + linesBeforeInvalid(chunk);
    throw misfitFailure(notText(file, decoder.encoding, at), cause);
  }
}

function notText({ name }: DataFile, encoding: string, line: number): Misfit {
  const message = `bytes that are no text in ${encoding}`;
  return { file: name, line, message, fix: 'Say which encoding it is in: files.csv.encoding, as "windows-1252".' };
}

function linesBeforeInvalid(chunk: Buffer): number {
  const lines = chunk.toString('latin1').split('\n');
  // What a chunk begins with may have begun in the one before.
  const at = lines.findIndex((line, index) => index > 0 && !isUtf8(Buffer.from(line, 'latin1')));
  return Math.max(0, at);
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

async function* bytesOf(file: DataFile, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const source = createReadStream(file.path, { highWaterMark: chunkSize });
  const through = decompressor(file);
  const bytes = pipeline(source, through, () => {});
  const stop = () => bytes.destroy(new Error('aborted'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } catch (error) {
    if (signal?.aborted) throw new Failure('CANCELLED', 'the work was cancelled', { cause: error });
    throw isDamage(error) ? misfitFailure(damaged(file, error), error) : error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function decompressor(file: DataFile): Duplex {
  const options = { chunkSize };
  switch (compressionOf(file.name)) {
    case 'uncompressed':
      return new PassThrough({ highWaterMark: chunkSize });
    case 'gzip':
      return zlib.createGunzip(options);
    case 'zstd':
      return zstandard().createZstdDecompress(options);
  }
}

function isDamage(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code));
}

function damaged({ name }: DataFile, { message }: Error): Misfit {
  const kind = compressionOf(name);
  const isOther = /incorrect header|unknown frame|prefix unknown/i.test(message);
  if (isOther)
    return { file: name, message: `it is no ${kind} file, though its name says so`, fix: 'Give it its own ending.' };
  const cut = /unexpected end/.test(message);
  const what = cut ? 'it ends too early' : `it is damaged (${message})`;
  return { file: name, message: `${what}: the ${kind} data is not whole`, fix: 'Write or copy the file anew.' };
}
