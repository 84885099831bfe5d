import type { FastifyRequest } from 'fastify';
import { Failure } from '../providers/contract/failure.ts';
import type { Authenticator, Credentials } from '../src/access/authenticator.ts';
import { anonymous, type Principal } from '../src/access/principal.ts';
import type { Application } from '../src/application.ts';
import type { AuditLog } from '../src/audit/audit-log.ts';
import type { Limits } from '../src/config/limits.ts';
import { limitExceeded } from '../src/limit-exceeded.ts';
import { RequestRefused } from './request-refused.ts';

const known = new WeakMap<FastifyRequest, Principal>();

/** Who a request is of, once that was found out. */
export function principalOf(request: FastifyRequest): Principal {
  const principal = known.get(request);
  if (principal === undefined) throw new TypeError('the request was not authenticated');
  return principal;
}

/** Whose requests are counted together: those of one principal, and before he is known those of one address. */
export function counterOf(request: FastifyRequest): string {
  const principal = known.get(request);
  return principal === undefined || principal === anonymous ? request.ip : principal.id;
}

const minuteMs = 60_000;

/** Finds out who sends a request, once a request; and how many credentials of one address were refused. */
export class RequestAuthentication {
  readonly #authenticator: Authenticator;
  readonly #limits: Limits;
  readonly #audit: AuditLog;
  readonly #failed = new Map<string, number>();
  #since = performance.now();

  constructor({ authenticator, configuration, audit }: Application) {
    this.#authenticator = authenticator;
    this.#limits = configuration.limits;
    this.#audit = audit;
  }

  /** Fails with UNAUTHENTICATED, and where an address keeps failing with LIMIT_EXCEEDED. */
  async authenticate(request: FastifyRequest, credentials = credentialsOf(request)): Promise<Principal> {
    try {
      const principal = await this.#authenticator.authenticate(credentials);
      known.set(request, principal);
      return principal;
    } catch (error) {
      this.#record(request, error);
      this.#count(request.ip);
      throw error;
    }
  }

  #record({ ip, headers, ws }: FastifyRequest, error: unknown): void {
    const origin = {
      address: ip,
      userAgent: headers['user-agent'] ?? null,
      transport: ws ? 'WEBSOCKET' : 'HTTP',
    } as const;
    const code = error instanceof Failure ? error.code : null;
    const actor = { principal: { ...anonymous, name: 'unknown' }, origin };
    this.#audit.record({ actor, action: 'AUTHENTICATE', resource: null, outcome: 'DENIED', code });
  }

  /** Only what fails is counted, so that nobody keeps out who has a credential. */
  #count(address: string): void {
    const now = performance.now();
    if (now - this.#since > minuteMs) {
      this.#since = now;
      this.#failed.clear();
    }
    const found = (this.#failed.get(address) ?? 0) + 1;
    this.#failed.set(address, found);
    const { failedAuthentications: most } = this.#limits;
    if (found <= most) return;
    const [what, fix] = ['refused credentials of one address in a minute', 'Mend the credential, and try again later.'];
    throw new RequestRefused(429, 'LIMIT_EXCEEDED', limitExceeded({ path: 'request', what, found, most, fix }));
  }
}

/** Whom a gateway asks for, where its key says that it is one. */
const onBehalfOf = 'x-featuregraph-on-behalf-of';

export function credentialsOf({ headers }: FastifyRequest): Credentials {
  const behalf = headers[onBehalfOf];
  return { authorization: headers.authorization, onBehalfOf: Array.isArray(behalf) ? behalf[0] : behalf };
}
