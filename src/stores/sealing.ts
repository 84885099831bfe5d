import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../providers/contract/failure.ts';
import { destinationOf, type ProviderConfig } from '../registry/definitions/provider-config.ts';

/** Where a sealed secret belongs: it opens nowhere else. */
export type SealedPlace = { provider: { name: string; variant: string }; config: ProviderConfig; path: string };

const [algorithm, keyBytes, nonceBytes, tagBytes] = ['aes-256-gcm', 32, 12, 16] as const;
const envelope = /^v1\.([0-9a-f]{8})\.([\w-]+)$/;

/**
 * Seals secrets with the first of an operator's keys, and opens what any of them has sealed. A sealed secret is
 * `v1.<key id>.<base64url of nonce, ciphertext and tag>`; what it is bound to, its place, is authenticated and not held.
 */
export class Sealing {
  readonly #project: string;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #first: string | undefined;

  constructor(project: string, keys: readonly Buffer[]) {
    this.#project = project;
    this.#keys = new Map(keys.map((key) => [keyIdOf(key), key]));
    [this.#first] = this.#keys.keys();
  }

  get canSeal(): boolean {
    return this.#first !== undefined;
  }

  seal(secret: string, place: SealedPlace): string {
    const id = this.#first ?? '';
    const key = this.#keys.get(id);
    if (key === undefined) throw new TypeError('without a key nothing is sealed');
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key, nonce).setAAD(this.#bound(id, place));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${id}.${sealed.toString('base64url')}`;
  }

  /** Fails with UNAVAILABLE where this server lacks its key, with INVALID_INPUT where it was sealed for another place. */
  open(sealed: string, place: SealedPlace): string {
    const [, id = '', written = ''] = envelope.exec(sealed) ?? [];
    const key = this.#keys.get(id);
    if (key === undefined) throw unknownKey(id, place);
    const bytes = Buffer.from(written, 'base64url');
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(this.#bound(id, place)).setAuthTag(bytes.subarray(-tagBytes));
      return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw otherPlace(place);
    }
  }

  /** Whether the key that seals now has sealed it. */
  isOfFirstKey(sealed: string): boolean {
    return envelope.exec(sealed)?.[1] === this.#first;
  }

  /** Whether it holds this secret for this place; what can't be opened does not. */
  holds(sealed: string, secret: string, place: SealedPlace): boolean {
    try {
      const [one, other] = [this.open(sealed, place), secret].map((text) => createHash('sha256').update(text).digest());
      return one !== undefined && other !== undefined && timingSafeEqual(one, other);
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }

  #bound(id: string, { provider, config, path }: SealedPlace): Buffer {
    const { name, variant } = provider;
    return Buffer.from(JSON.stringify(['v1', id, this.#project, name, variant, path, destinationOf(config)]));
  }
}

/** Tells keys apart, and nothing of what they are. */
function keyIdOf(key: Buffer): string {
  return createHash('sha256').update('featuregraph sealing key').update(key).digest('hex').slice(0, 8);
}

/** Keys as an operator writes them; says of what is none why, by its place in the list. */
export function readSealingKeys(written: string): Buffer[] | { problem: string } {
  const words = written.split(/[\s,]+/).filter((word) => word !== '');
  const keys = words.map((word) => Buffer.from(word, 'base64'));
  for (const [at, word] of words.entries()) {
    const which = words.length === 1 ? 'the key' : `key ${at + 1}`;
    if (!/^[\w+/-]+={0,2}$/.test(word)) return { problem: `${which} is not written in Base64` };
    const found = keys[at]?.length ?? 0;
    if (found !== keyBytes)
      return {
        problem: `${which} has ${found} bytes and must have ${keyBytes}: make one with openssl rand -base64 32`,
      };
  }
  return keys;
}

function unknownKey(id: string, { path }: SealedPlace): Failure {
  const message = `is sealed with the key ${id}, which this server does not have`;
  const fix =
    'Start the server with that key too, behind the first, in FEATUREGRAPH_SEALING_KEYS; or give the secret again.';
  return new Failure('UNAVAILABLE', `A secret can't be opened: ${path} ${message}.`, {
    issues: [{ path, message, fix }],
  });
}

function otherPlace({ path }: SealedPlace): Failure {
  const message = 'was sealed for another provider or another address';
  return new Failure('INVALID_INPUT', `A secret is not used: ${path} ${message}.`, {
    issues: [{ path, message, fix: 'Give the secret again.' }],
  });
}
