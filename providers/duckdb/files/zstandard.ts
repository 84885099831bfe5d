import zlib from 'node:zlib';
import { Failure } from '../../contract/failure.ts';

/** Node's Zstandard, which it has since 22.15. Fails with UNSUPPORTED on an older one. */
export function zstandard(): Pick<typeof zlib, 'createZstdDecompress' | 'zstdDecompressSync'> {
  const { createZstdDecompress, zstdDecompressSync }: Partial<typeof zlib> = zlib;
  if (createZstdDecompress !== undefined && zstdDecompressSync !== undefined)
    return { createZstdDecompress, zstdDecompressSync };
  const message = `This server's Node, ${process.versions.node}, reads no Zstandard: run it on 22.15 or newer, or compress the file with gzip.`;
  throw new Failure('UNSUPPORTED', message);
}
