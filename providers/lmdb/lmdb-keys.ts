import { createHash } from 'node:crypto';
import type { ViewAddress } from '../contract/online-store.ts';

/*
 * A row's key in LMDB, so that the views of one entity key lie side by side:
 *
 *   1      length of the entity's id, then the id
 *   2      length of the entity key, big-endian; 0xFFFF where its SHA-256 stands in for it
 *   …      the entity key or its digest, then the view's id
 *
 * LMDB keys are limited to 1,978 bytes. A longer entity key is replaced by its digest, which its own length mark
 * keeps apart from every plain key.
 */
const longestKey = 1_978;
const digestMark = 0xffff;

/** The part that all keys of an entity begin with. */
export function entityPrefix(entity: string): Buffer {
  const id = Buffer.from(entity);
  if (id.length > 0xff) throw new RangeError('the id of an entity has 255 bytes at most');
  return Buffer.concat([Buffer.of(id.length), id]);
}

/** The part that the rows of one entity key begin with. */
export function rowPrefix(prefix: Buffer, key: Uint8Array, longestView: number): Buffer {
  const isLong = prefix.length + 2 + key.length + longestView > longestKey;
  const body = isLong ? createHash('sha256').update(key).digest() : key;
  const row = Buffer.allocUnsafe(prefix.length + 2 + body.length);
  prefix.copy(row);
  row.writeUInt16BE(isLong ? digestMark : body.length, prefix.length);
  row.set(body, prefix.length + 2);
  return row;
}

/** Ids of views are this long at most, so that whether a key is long does not depend on its view. */
export const longestViewId = 64;

export function rowKey(prefix: Buffer, view: Buffer): Buffer {
  return Buffer.concat([prefix, view]);
}

export function viewId({ view }: Pick<ViewAddress, 'view'>): Buffer {
  const id = Buffer.from(view);
  if (id.length > longestViewId) throw new RangeError(`the id of a view has ${longestViewId} bytes at most`);
  return id;
}

/** The view's part of a row's key. */
export function viewOfKey(key: Buffer, prefixLength: number): Buffer {
  const mark = key.readUInt16BE(prefixLength);
  return key.subarray(prefixLength + 2 + (mark === digestMark ? 32 : mark));
}

/** The first key after all that begin with the prefix. */
export function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let at = end.length - 1; at >= 0; at--) {
    const byte = end[at] as number;
    if (byte < 0xff) {
      end[at] = byte + 1;
      return end.subarray(0, at + 1);
    }
  }
  throw new RangeError('no key comes after a prefix of ones');
}
