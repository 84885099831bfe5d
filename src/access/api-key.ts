import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key as it is kept: never its secret, which is 256 random bits, so that a plain hash of it can't be searched. */
export type ApiKey = {
  id: string;
  /** Unique among the keys that aren't revoked; what is recorded as "by". */
  name: string;
  /** SHA-256 of the secret, in hexadecimals. */
  secretHash: string;
  /** Of the secret before the last rotation, and until when that is valid too. */
  earlierHash: string | null;
  earlierUntil: Date | null;
  /** Whether it may speak on behalf of others, whose tokens it sends along. */
  gateway: boolean;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

const form = /^fg_([a-z0-9]{12})_([\w-]{43})$/;

/** A new id and secret, and both as they are written. */
export function newSecret(id = newId()): { id: string; secret: string; secretHash: string; written: string } {
  const secret = randomBytes(32).toString('base64url');
  return { id, secret, secretHash: hashOf(secret), written: `fg_${id}_${secret}` };
}

function newId(): string {
  return Array.from(randomBytes(12), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

/** Undefined where it isn't written as a key. */
export function readKey(written: string): { id: string; secret: string } | undefined {
  const [, id, secret] = form.exec(written) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

export function looksLikeKey(written: string): boolean {
  return written.startsWith('fg_');
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a key may be used now with this secret. Takes as long whichever of its bytes differ. */
export function isValid(key: ApiKey, secret: string, now: Date): boolean {
  const hash = Buffer.from(hashOf(secret), 'hex');
  const isPresent = timingSafeEqual(hash, Buffer.from(key.secretHash, 'hex'));
  const isEarlier = key.earlierHash !== null && timingSafeEqual(hash, Buffer.from(key.earlierHash, 'hex'));
  const isInGrace = key.earlierUntil !== null && key.earlierUntil > now;
  return isLive(key, now) && (isPresent || (isEarlier && isInGrace));
}

export function isLive({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}
