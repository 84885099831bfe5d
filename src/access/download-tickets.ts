import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { Failure } from '../../providers/contract/failure.ts';
import type { Database } from '../state/database.ts';
import type { Access } from './access.ts';
import { hashOf } from './api-key.ts';
import { type Principal, principalKinds } from './principal.ts';

/** How many one principal may have at a time. */
export const mostTickets = 1_000;

/** What a ticket keeps of whom it is of: what he may do is asked when it is used. */
const principalShape = z.object({
  kind: z.enum(principalKinds),
  id: z.string(),
  name: z.string(),
  keyId: z.string().optional(),
  user: z.string().optional(),
  groups: z.array(z.string()),
  claimedRoles: z.array(z.string()),
  expiresAt: z.coerce.date().optional(),
  through: z.string().optional(),
});

/**
 * Addresses that can be read for a while by whoever has them, as who asked for them: for readers that can't be given a
 * header. As with API keys, of a ticket only a hash is kept.
 */
export class DownloadTickets {
  readonly #database: Database;
  readonly #access: Access;

  constructor(database: Database, access: Access) {
    this.#database = database;
    this.#access = access;
  }

  /** A ticket for just this address. It ends with its holder's credential, if not before. */
  async issue(principal: Principal, address: string, until: Date): Promise<string> {
    const { kysely } = this.#database;
    const ticket = randomBytes(32).toString('base64url');
    const end = principal.expiresAt;
    const expiresAt = end !== undefined && end < until ? end : until;
    await kysely.deleteFrom('downloadTicket').where('expiresAt', '<=', new Date()).execute();
    await this.#demandFewer(principal);
    const row = { hash: hashOf(ticket), address, principal: JSON.stringify(principal), expiresAt };
    await kysely.insertInto('downloadTicket').values(row).execute();
    return ticket;
  }

  /** Each is a row until it ends: who asks without end is refused. Of many who ask at once a few more may have one. */
  async #demandFewer({ id }: Principal): Promise<void> {
    const { held } = await this.#database.kysely
      .selectFrom('downloadTicket')
      .select((eb) => eb.fn.countAll().as('held'))
      .where(sql<string>`principal->>'id'`, '=', id)
      .executeTakeFirstOrThrow();
    if (Number(held) < mostTickets) return;
    const most = mostTickets.toLocaleString('en');
    const fix = 'Read from one that you have, or ask for such as end sooner.';
    throw new Failure('LIMIT_EXCEEDED', `You have ${most} addresses that need no credential, and no more at a time.`, {
      issues: [{ path: 'expiresIn', message: `would be one more than ${most}`, fix }],
    });
  }

  /** Who asked for a ticket; undefined where it is none for this address, has ended, or its holder's credential has. */
  async holder(ticket: string, address: string): Promise<Principal | undefined> {
    // No address of ours has one, and PostgreSQL takes none.
    if (address.includes('\0')) return undefined;
    const row = await this.#database.kysely
      .selectFrom('downloadTicket')
      .select('principal')
      .where('hash', '=', hashOf(ticket))
      .where('address', '=', address)
      .where('expiresAt', '>', new Date())
      .executeTakeFirst();
    const found = principalShape.safeParse(row?.principal);
    return found.success ? this.#access.current(found.data as Principal) : undefined;
  }
}
