import { createHash } from 'node:crypto';

/*
 * One Redis hash per project, entity and entity key, with one field per view:
 *
 *   key    featuregraph:<project>:<entity>:<entity key>
 *   field  <view>
 *
 * The project is percent-encoded, so that it holds no colon. Entity and view are the first eight bytes of their ids'
 * SHA-256, the entity's as base64url: ids are unique beyond one deployment, so deployments that share a server and a
 * project's name stay apart, and 64 bits are enough to tell a server's entities apart and short enough to cost little
 * in every key. The entity key comes last and as it is.
 */
const root = 'featuregraph';

/** What all keys of an entity begin with. */
export function entityPrefix(project: string, entity: string): Buffer {
  return Buffer.from(`${root}:${percentEncoded(project)}:${digest(entity).toString('base64url')}:`);
}

export function hashKey(prefix: Buffer, entityKey: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + entityKey.length);
  prefix.copy(key);
  key.set(entityKey, prefix.length);
  return key;
}

export function viewField(view: string): Buffer {
  return digest(view);
}

/** A `SCAN` pattern for the keys that begin with a prefix of ours, none of which holds a special character. */
export function keysBelow(prefix: Buffer): string {
  return `${prefix.toString('latin1')}*`;
}

function digest(id: string): Buffer {
  return createHash('sha256').update(id).digest().subarray(0, 8);
}

/** Letters, digits, `-`, `_`, `.` and `%` only: nothing that a pattern or a hash tag gives a meaning. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*~]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
