import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Principal } from './principal.ts';

export type TokenSettings = {
  issuer: string;
  audience: string;
  /** Where the issuer's keys are; asked of the issuer when undefined. */
  jwksUrl: string | undefined;
  userClaim: string;
  groupsClaim: string;
  /** The claim whose values are roles on everything; none when undefined. */
  rolesClaim: string | undefined;
  clockToleranceSeconds: number;
};

/** A key that verifies must not be one that signs: nothing symmetric, and never none. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** How long an issuer is waited for, after which time its keys are asked for again, and how soon for a key not known. */
const timeoutMs = 5_000;
const refreshMs = 600_000;
const cooldownMs = 5_000;

/** How long a token that was verified is believed without looking again, and how many are kept. */
const believedMs = 60_000;
const mostBelieved = 10_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/**
 * Verifies tokens of one issuer. Its keys are kept: while it can't be reached, those that are known go on, and tokens of
 * unknown ones are not believed.
 */
export class TokenVerifier {
  readonly #settings: TokenSettings;
  readonly #logger: Logger;
  readonly #believed = new Map<string, { principal: Principal; until: number }>();
  #keys: KeySet | undefined;
  #finding: Promise<KeySet> | undefined;
  #loadedAt = performance.now();

  constructor(settings: TokenSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
  }

  /** Who a token speaks of; undefined where it is not to be believed. */
  async verify(token: string): Promise<Principal | undefined> {
    const digest = createHash('sha256').update(token).digest('base64');
    const earlier = this.#believed.get(digest);
    if (earlier !== undefined && earlier.until > Date.now()) return earlier.principal;
    this.#believed.delete(digest);
    const principal = await this.#verified(token);
    if (principal === undefined) return undefined;
    const [oldest] = this.#believed.keys();
    if (this.#believed.size >= mostBelieved && oldest !== undefined) this.#believed.delete(oldest);
    const until = Math.min(Date.now() + believedMs, principal.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    this.#believed.set(digest, { principal, until });
    return principal;
  }

  async #verified(token: string): Promise<Principal | undefined> {
    const { issuer, audience, clockToleranceSeconds: clockTolerance } = this.#settings;
    try {
      const keys = await this.#keySet();
      this.#refreshSometimes(keys);
      const options = { issuer, audience, clockTolerance, algorithms, requiredClaims: ['exp', 'sub'] };
      const { payload } = await jwtVerify(token, keys, options);
      return this.#principalOf(payload);
    } catch (error) {
      const isOfToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
      if (!isOfToken) this.#logger.warn({ error, issuer }, 'the issuer of tokens gives no keys');
      return undefined;
    }
  }

  #keySet(): Promise<KeySet> {
    if (this.#keys !== undefined) return Promise.resolve(this.#keys);
    this.#finding ??= this.#findKeys().finally(() => {
      this.#finding = undefined;
    });
    return this.#finding;
  }

  async #findKeys(): Promise<KeySet> {
    const url = this.#settings.jwksUrl ?? (await discovered(this.#settings.issuer));
    this.#keys = createRemoteJWKSet(new URL(url), {
      timeoutDuration: timeoutMs,
      cooldownDuration: cooldownMs,
      // What has grown old is asked for anew beside, so that a silent issuer stops nobody.
      cacheMaxAge: Number.POSITIVE_INFINITY,
    });
    return this.#keys;
  }

  /** So that a key which its issuer has withdrawn is no longer believed. */
  #refreshSometimes(keys: KeySet): void {
    if (performance.now() - this.#loadedAt < refreshMs) return;
    this.#loadedAt = performance.now();
    keys.reload().catch((error: unknown) => {
      this.#logger.warn({ error }, 'the issuer of tokens gives no keys: those of before go on');
    });
  }

  #principalOf(claims: JWTPayload): Principal | undefined {
    const { issuer, userClaim, groupsClaim, rolesClaim, clockToleranceSeconds } = this.#settings;
    const user = claims[userClaim];
    if (typeof user !== 'string' || user === '' || claims.exp === undefined) return undefined;
    return {
      kind: 'TOKEN',
      id: `token:${issuer}#${claims.sub}`,
      name: user,
      user,
      groups: textsOf(claims[groupsClaim]),
      claimedRoles: rolesClaim === undefined ? [] : textsOf(claims[rolesClaim]).map((role) => role.toUpperCase()),
      expiresAt: new Date((claims.exp + clockToleranceSeconds) * 1_000),
    };
  }
}

/** A claim is a list, or a text with spaces between its words, as `scope` is. */
function textsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(/\s+/).filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((one): one is string => typeof one === 'string') : [];
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

async function discovered(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  const { issuer: named, jwks_uri: jwks } = discovery.parse(await answer.json());
  if (named !== issuer) throw new TypeError(`${url} speaks of another issuer`);
  return jwks;
}
