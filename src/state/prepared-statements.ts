import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { isStalePlan } from './stale-plan.ts';

/** Statements that a connection keeps: those of the hot paths are few, and rare ones must not fill the server. */
const mostStatements = 200;
const longestText = 4_000;

/**
 * A pool whose connections prepare each statement once and then only name it, which spares the server parsing and
 * planning. A newer process may change a table meanwhile: what its plan no longer fits is prepared anew, at once
 * outside of a transaction, and by the transaction's next run inside of one.
 */
export function preparingPool(pool: pg.Pool): PostgresPool {
  const names = new StatementNames();
  return {
    connect: async () => preparingClient(await pool.connect(), names),
    end: () => pool.end(),
    options: pool.options,
  };
}

function preparingClient(client: pg.PoolClient, names: StatementNames): PostgresPoolClient {
  let inTransaction = false;
  const query = async (text: string, values: readonly unknown[] = []) => {
    inTransaction = isInTransaction(text, inTransaction);
    const name = values.length > 0 && text.length <= longestText ? names.of(text) : undefined;
    if (name === undefined) return client.query(text, [...values]);
    try {
      return await client.query({ name, text, values: [...values] });
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      names.renew(text);
      if (inTransaction) throw error;
      return client.query(text, [...values]);
    }
  };
  return new Proxy(client, {
    get(target, property) {
      if (property === 'query') return query;
      const own: unknown = Reflect.get(target, property);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

/** Whether a transaction is open once the statement has run. */
function isInTransaction(text: string, before: boolean): boolean {
  if (/^(begin|start transaction)\b/i.test(text)) return true;
  return before && !/^(commit|rollback)$/i.test(text);
}

class StatementNames {
  readonly #names = new Map<string, string>();
  #count = 0;

  of(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= mostStatements) return known;
    return this.renew(text);
  }

  renew(text: string): string {
    const name = `featuregraph_${++this.#count}`;
    this.#names.set(text, name);
    return name;
  }
}
