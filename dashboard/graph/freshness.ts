import { type Client, type Exchange, type ExchangeIO, makeOperation, mapExchange, type Operation } from '@urql/core';
import { startTransition } from 'react';
import { fieldsOf } from './fields-of.ts';

/**
 * Asks again what may have been answered with what was so before. A change that comes while a query is under way is in its
 * answer or not, which nobody can tell; the cache alone would take that answer for the newest.
 */
export class Freshness {
  #client: Client | undefined;
  readonly #underWay = new Map<number, Set<Operation>>();
  readonly #stale = new WeakSet<Operation>();
  readonly #asked = new Map<number, Operation>();

  /** Stands between the cache and the network, so that it sees what is asked of the server alone. */
  readonly exchange: Exchange = (input) => {
    const mapped = mapExchange({
      onResult: ({ operation }) => {
        if (operation.kind === 'query') this.#answered(operation);
      },
    })(input);
    return (operations) => mapped(watched(operations, (operation) => this.#seen(operation)));
  };

  follow(client: Client): void {
    this.#client = client;
  }

  /** What is under way and asks for one of these fields may come too late to be of now. */
  changed(isConcerned: (field: string) => boolean): void {
    for (const operation of [...this.#underWay.values()].flatMap((some) => [...some]))
      if (fieldsOf(operation.query).some(isConcerned)) this.#stale.add(operation);
  }

  /** Asks for all that is shown: nobody said what has changed since. */
  renew(): void {
    this.changed(() => true);
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const operation of asked) if (!this.#underWay.has(operation.key)) this.#ask(operation);
  }

  #seen(operation: Operation): void {
    if (operation.kind === 'teardown') {
      this.#underWay.delete(operation.key);
      this.#asked.delete(operation.key);
    }
    if (operation.kind !== 'query') return;
    this.#asked.set(operation.key, operation);
    this.#underWay.set(operation.key, (this.#underWay.get(operation.key) ?? new Set()).add(operation));
  }

  #answered(operation: Operation): void {
    const others = this.#underWay.get(operation.key);
    others?.delete(operation);
    if (others?.size === 0) this.#underWay.delete(operation.key);
    if (this.#stale.has(operation)) this.#ask(operation);
  }

  /**
   * Of what nobody shows any more the client asks nothing. To whoever shows it, it says at once that what is there is stale:
   * calmly as well, or the answer that is being drawn in small steps would be drawn with that in a large one.
   */
  #ask(operation: Operation): void {
    const context = { ...operation.context, requestPolicy: 'network-only' as const };
    startTransition(() => this.#client?.reexecuteOperation(makeOperation('query', operation, context)));
  }
}

type Operations = Parameters<ExchangeIO>[0];

/** As it is, but that each operation is seen as it passes: `mapExchange` passes over those that end another. */
function watched(operations: Operations, see: (operation: Operation) => void): Operations {
  return (sink) =>
    operations((signal) => {
      if (signal !== 0 && signal.tag === 1) see(signal[0]);
      sink(signal);
    });
}
