import { createHash } from 'node:crypto';
import { binaryArray, typeIds } from './postgres-binary.ts';

/*
 * Where a key stands in a table: the key itself, in a column that an index can hold. An entry of a B-tree is limited
 * to about 2,700 bytes, so a longer key is stood for by its start and its SHA-256, which together have a length that
 * no shorter key has. The long key itself stands beside, and is compared.
 */
const longestKey = 1_024;
const digestSize = 32;

export type Place = { place: Uint8Array; longKey: Uint8Array | null };

export function placeOf(key: Uint8Array): Place {
  if (key.length <= longestKey) return { place: key, longKey: null };
  const digest = createHash('sha256').update(key).digest();
  return { place: Buffer.concat([key.subarray(0, longestKey + 1 - digestSize), digest]), longKey: key };
}

/** The places and the long keys of a statement's rows, as parameters of type `bytea[]`. */
export function placeArrays(places: readonly Place[]): [places: Buffer, longKeys: Buffer] {
  return [
    binaryArray(
      typeIds.BYTES,
      places.map(({ place }) => place),
    ),
    binaryArray(
      typeIds.BYTES,
      places.map(({ longKey }) => longKey),
    ),
  ];
}
