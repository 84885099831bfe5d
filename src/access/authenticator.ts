import { Failure } from '../../providers/contract/failure.ts';
import type { Access } from './access.ts';
import { looksLikeKey } from './api-key.ts';
import type { DownloadTickets } from './download-tickets.ts';
import { anonymous, type Principal } from './principal.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** What a request says of who sends it: header values, or what a WebSocket says when it connects. */
export type Credentials = {
  /** As `Bearer fg_…` or `Bearer <token>`. */
  authorization: string | undefined;
  /** The token of whom a gateway asks for. */
  onBehalfOf?: string | undefined;
  /** What lets read an address, where nothing else says who asks. */
  ticket?: { written: string; address: string } | undefined;
};

/** Finds out who asks. */
export class Authenticator {
  readonly #required: boolean;
  readonly #access: Access;
  readonly #tokens: TokenVerifier | undefined;
  readonly #tickets: DownloadTickets;

  constructor(required: boolean, access: Access, tokens: TokenVerifier | undefined, tickets: DownloadTickets) {
    this.#required = required;
    this.#access = access;
    this.#tokens = tokens;
    this.#tickets = tickets;
  }

  /** Fails with UNAUTHENTICATED, in the same words whatever is wrong with a credential. */
  async authenticate({ authorization, onBehalfOf, ticket }: Credentials): Promise<Principal> {
    if (!this.#required) return anonymous;
    if (authorization === undefined && ticket !== undefined) return this.#ofTicket(ticket);
    const credential = /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1];
    if (credential === undefined) throw unauthenticated('Nobody is named: this server answers whom it knows.');
    if (!looksLikeKey(credential)) return this.#ofToken(credential);
    const found = this.#access.ofKey(credential);
    if (found === undefined) throw unauthenticated(notValid);
    if (onBehalfOf === undefined) return found.principal;
    if (!found.gateway) throw unauthenticated('This API key is no gateway, and can speak for nobody else.');
    const token = onBehalfOf.trim().replace(/^Bearer +/i, '');
    const { name, keyId } = found.principal;
    return { ...(await this.#ofToken(token)), through: name, ...(keyId !== undefined && { keyId }) };
  }

  async #ofTicket({ written, address }: { written: string; address: string }): Promise<Principal> {
    const holder = await this.#tickets.holder(written, address);
    if (holder === undefined) throw unauthenticated(notValid);
    return holder;
  }

  async #ofToken(token: string): Promise<Principal> {
    const principal = await this.#tokens?.verify(token);
    if (principal === undefined) throw unauthenticated(notValid);
    return this.#access.isKeyName(principal.name) ? { ...principal, name: principal.id } : principal;
  }
}

const notValid = 'The credential is not valid: it is unknown, revoked or has expired.';

export function unauthenticated(message: string): Failure {
  return new Failure('UNAUTHENTICATED', message, {
    issues: [
      {
        path: 'authorization',
        message: 'names nobody',
        fix: 'Send `Authorization: Bearer` with an API key or a token.',
      },
    ],
  });
}
