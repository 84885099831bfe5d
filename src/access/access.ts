import type { Logger } from 'pino';
import { Failure } from '../../providers/contract/failure.ts';
import type { ChangeFeed } from '../state/change-feed.ts';
import type { Database } from '../state/database.ts';
import type { WriteTransaction } from '../state/write-transaction.ts';
import {
  type AccessWitness,
  announceAccess,
  deleteGrant,
  insertGrant,
  insertKey,
  type NewGrant,
  readGrants,
  readKeys,
  revokeKey,
  updateSecret,
  writeAccess,
  writeLastUses,
} from './access-store.ts';
import { type ApiKey, hashOf, isLive, isValid, newSecret, readKey } from './api-key.ts';
import { claimedGrant, type Grant, isGrantedTo } from './grant.ts';
import type { Principal } from './principal.ts';
import { Rights } from './rights.ts';
import { isRole } from './role.ts';
import { Sensitivity } from './sensitivity.ts';

export type AccessOptions = {
  database: Database;
  feed: ChangeFeed;
  logger: Logger;
  sensitiveTags: readonly string[];
  /** An administrator's key that the configuration holds. */
  adminKey?: string | undefined;
};

/** A key that is made or rotated, and how it is written: told once, and kept nowhere. */
export type WrittenKey = { key: ApiKey; written: string };

/** How often what is known of the last uses of keys is written. */
const useMs = 30_000;
const openRights = Rights.open();

/** Who there is and who may do what: in memory, as the database has it, in every process alike. */
export class Access {
  readonly #options: AccessOptions;
  readonly #configured: ApiKey | undefined;
  readonly #sensitivity: Sensitivity;
  readonly #uses = new Map<string, Date>();
  readonly #principals = new WeakMap<ApiKey, Principal>();
  #keys: readonly ApiKey[] = [];
  #byId: ReadonlyMap<string, ApiKey> = new Map();
  #grants: readonly Grant[] = [];
  #rights = new WeakMap<Principal, Rights>();
  #reading: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#configured = options.adminKey === undefined ? undefined : configuredKey(options.adminKey);
    this.#sensitivity = new Sensitivity(options.sensitiveTags);
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#options.feed.subscribe('ACCESS', () => void this.refresh().catch(() => undefined));
    this.#timer = setInterval(() => void this.#writeUses(), useMs);
    this.#timer.unref();
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    clearInterval(this.#timer);
    await this.#writeUses();
  }

  /** Reads what the database has now. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { database } = this.#options;
    const [keys, grants] = [await readKeys(database), await readGrants(database)];
    this.#keys = keys;
    const all = this.#configured ? [...keys, this.#configured] : keys;
    this.#byId = new Map(all.map((key) => [key.id, key]));
    this.#grants = grants;
    this.#rights = new WeakMap();
  }

  /** All keys, the revoked ones too, the first made first; with the last uses that this process knows of. */
  get keys(): readonly ApiKey[] {
    return this.#keys.map((key) => ({ ...key, lastUsedAt: this.#uses.get(key.id) ?? key.lastUsedAt }));
  }

  get grants(): readonly Grant[] {
    return this.#grants;
  }

  /** Whether anybody can make keys and grant roles by a key. */
  get hasAdministrator(): boolean {
    if (this.#configured !== undefined) return true;
    const now = new Date();
    const live = new Set(this.#keys.filter((key) => isLive(key, now)).map(({ name }) => name));
    return this.#grants.some(
      ({ role, grantee }) => role === 'ADMIN' && (grantee.kind !== 'API_KEY' || live.has(grantee.name)),
    );
  }

  /** Who a written key is of; undefined where there is no such key that may be used now. */
  ofKey(written: string): { principal: Principal; gateway: boolean } | undefined {
    const read = readKey(written);
    const key = read && this.#byId.get(read.id);
    const now = new Date();
    if (read === undefined || key === undefined || !isValid(key, read.secret, now)) return undefined;
    if (key !== this.#configured) this.#uses.set(key.id, now);
    return { principal: this.#principalOf(key), gateway: key.gateway };
  }

  #principalOf(key: ApiKey): Principal {
    const known = this.#principals.get(key);
    if (known !== undefined) return known;
    const { id, name, expiresAt } = key;
    const principal: Principal = {
      kind: 'API_KEY',
      id: `key:${id}`,
      name,
      keyId: id,
      groups: [],
      claimedRoles: key === this.#configured ? ['ADMIN'] : [],
      ...(expiresAt && { expiresAt }),
    };
    this.#principals.set(key, principal);
    return principal;
  }

  /** Whether a role can be given to a key of the name: one that is revoked has lost its own, and gets no other. */
  hasKey(name: string): boolean {
    return this.#keys.some((key) => key.name === name && key.revokedAt === null) || this.#configured?.name === name;
  }

  /** Whether a name is that of a key: nobody else is recorded under it. */
  isKeyName(name: string): boolean {
    return this.#keys.some((key) => key.name === name) || this.#configured?.name === name;
  }

  /** Whether who was authenticated earlier still is who he was: no key of his or his gateway's is revoked, no credential has ended. */
  isCurrent({ kind, keyId, expiresAt }: Principal): boolean {
    const now = new Date();
    if (expiresAt !== undefined && expiresAt <= now) return false;
    if (keyId === undefined) return kind !== 'API_KEY';
    const key = this.#byId.get(keyId);
    return key !== undefined && isLive(key, now);
  }

  /** Who was authenticated earlier, as he is now; undefined where he isn't any more. */
  current(principal: Principal): Principal | undefined {
    if (!this.isCurrent(principal)) return undefined;
    const key = principal.kind === 'API_KEY' ? this.#byId.get(principal.keyId ?? '') : undefined;
    return key === undefined ? principal : this.#principalOf(key);
  }

  rightsOf(principal: Principal): Rights {
    if (principal.kind === 'OPEN') return openRights;
    const known = this.#rights.get(principal);
    if (known !== undefined) return known;
    const rights = Rights.of(this.grantsOf(principal), this.#sensitivity);
    this.#rights.set(principal, rights);
    return rights;
  }

  /** The roles that it has: by claims of its token, and by grants that name it. */
  grantsOf(principal: Principal): Grant[] {
    const claimed = principal.claimedRoles.filter(isRole).map((role) => claimedGrant(role, principal));
    return [...claimed, ...this.#grants.filter(({ grantee }) => isGrantedTo(grantee, principal))];
  }

  async createKey(
    { name, expiresAt = null, gateway = false }: { name: string; expiresAt?: Date | null; gateway?: boolean },
    grants: readonly Pick<Grant, 'role' | 'selector' | 'sensitive'>[],
    createdBy: string,
    witness: AccessWitness,
  ): Promise<WrittenKey> {
    if (this.#configured?.name === name) throw taken(name);
    const { id, secretHash, written } = newSecret();
    await writeAccess(this.#options.database, witness, async (trx) => {
      await insertKey(trx, { id, name, secretHash, gateway, createdBy, expiresAt });
      for (const grant of grants) await insertGrant(trx, { ...grant, grantee: { kind: 'API_KEY', name }, createdBy });
    });
    await this.refresh();
    return { key: this.key(id), written };
  }

  /** A new secret; the present one stays valid for so long. */
  async rotateKey(id: string, graceMs: number, witness: AccessWitness): Promise<WrittenKey> {
    const key = this.key(id);
    if (key.revokedAt !== null) throw revoked(key);
    const { secretHash, written } = newSecret(id);
    const earlierUntil = new Date(Date.now() + graceMs);
    await writeAccess(this.#options.database, witness, (trx) => updateSecret(trx, { id, secretHash, earlierUntil }));
    await this.refresh();
    return { key: this.key(id), written };
  }

  /** One that is revoked stays as it is, and nothing is witnessed. */
  async revokeKey(id: string, witness: AccessWitness): Promise<ApiKey> {
    const key = this.key(id);
    if (key.revokedAt === null) await writeAccess(this.#options.database, witness, (trx) => revokeKey(trx, key));
    await this.refresh();
    return this.key(id);
  }

  async grant(grant: NewGrant, witness: AccessWitness): Promise<Grant> {
    const id = await writeAccess(this.#options.database, witness, (trx) => insertGrant(trx, grant));
    await this.refresh();
    return this.grantById(id);
  }

  /** Part of another's transaction, after which `refresh` reads them. */
  async grantIn(trx: WriteTransaction, grants: readonly NewGrant[]): Promise<void> {
    for (const grant of grants) await insertGrant(trx, grant);
    await announceAccess(trx);
  }

  async revokeGrant(id: string, witness: AccessWitness): Promise<Grant> {
    const grant = this.grantById(id);
    await writeAccess(this.#options.database, witness, (trx) => deleteGrant(trx, id));
    await this.refresh();
    return grant;
  }

  /** By its id; fails with NOT_FOUND. */
  key(id: string): ApiKey {
    const key = this.#keys.find((one) => one.id === id);
    if (key !== undefined) return key;
    const issue = { path: 'id', message: 'is no key', fix: 'Ask for `apiKeys`.' };
    throw new Failure('NOT_FOUND', `There is no API key with the id "${id}".`, { issues: [issue] });
  }

  grantById(id: string): Grant {
    const grant = this.#grants.find((one) => one.id === id);
    if (grant !== undefined) return grant;
    const issue = { path: 'id', message: 'is no grant', fix: 'Ask for `grants`.' };
    throw new Failure('NOT_FOUND', `There is no grant with the id "${id}".`, { issues: [issue] });
  }

  async #writeUses(): Promise<void> {
    const uses = new Map(this.#uses);
    if (uses.size === 0) return;
    const { database, logger } = this.#options;
    await writeLastUses(database, uses).then(
      () => {
        for (const [id, at] of uses) if (this.#uses.get(id) === at) this.#uses.delete(id);
      },
      (error: unknown) => logger.warn({ error }, 'the last uses of API keys could not be written'),
    );
  }
}

const configuredName = 'admin (configured)';

function configuredKey(written: string): ApiKey {
  const read = readKey(written);
  if (read === undefined) throw new TypeError('the configuration has checked that it is a key');
  return {
    id: read.id,
    name: configuredName,
    secretHash: hashOf(read.secret),
    earlierHash: null,
    earlierUntil: null,
    gateway: false,
    createdBy: 'configuration',
    createdAt: new Date(),
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
  };
}

function taken(name: string): Failure {
  const issue = { path: 'name', message: 'is taken', fix: 'Give another name.' };
  return new Failure('CONFLICT', `There is an API key "${name}" already.`, { issues: [issue] });
}

function revoked({ name }: ApiKey): Failure {
  return new Failure('CONFLICT', `The API key "${name}" is revoked. Make another.`);
}
