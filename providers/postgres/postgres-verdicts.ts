import { isHarmlessOwn, isPlainType, isSearchType } from './postgres-harmless.ts';
import type { KnownFunction, KnownObjects, KnownType } from './postgres-known-objects.ts';
import type { TreeObjects } from './postgres-node-tree.ts';

/**
 * Its operator `%` is that of remainders, too, so that without it no query could have one where the registry's own
 * `pg_trgm` is in reach. What it has that is not volatile compares texts and reads nothing.
 */
const harmlessExtension = 'pg_trgm';

/**
 * Why a query may not use an object, or undefined where it may. Of the server's own functions those pass that are known
 * to be harmless; of all others only what its maker has declared IMMUTABLE, for a function that is not can read any table. A
 * function is no better than what it uses: an aggregate's parts, the defaults of its arguments, the checks of a domain among its types.
 */
export class Verdicts {
  readonly #known: KnownObjects;
  readonly #functions = new Map<number, string | undefined>();
  readonly #types = new Map<number, string | undefined>();

  constructor(known: KnownObjects) {
    this.#known = known;
  }

  all({ functions, operators, types }: TreeObjects): string[] {
    const found = [
      ...functions.map((id) => this.function(id)),
      ...operators.map((id) => this.operator(id)),
      ...types.map((id) => this.type(id)),
    ];
    return [...new Set(found.filter((message) => message !== undefined))];
  }

  function(id: number): string | undefined {
    const known = this.#known.function(id);
    if (known === undefined) return undefined;
    return remembered(this.#functions, id, () => {
      const refused = isHarmless(known) ? undefined : refusal('function', known.name);
      return refused ?? this.all(known.uses)[0];
    });
  }

  operator(id: number): string | undefined {
    const known = this.#known.operator(id);
    if (known === undefined || this.function(known.calls) === undefined) return undefined;
    return refusal('operator', known.name);
  }

  type(id: number): string | undefined {
    const known = this.#known.type(id);
    if (known === undefined) return undefined;
    return remembered(this.#types, id, () => (isLookup(known) ? refusedType(known.name) : this.all(known.uses)[0]));
  }

  /** As `type`, of one that the query names: there must be nothing to learn from whether the server has it. */
  namedType(id: number): string | undefined {
    const known = this.#known.type(id);
    const tells = known !== undefined && (isSearchType(known.name) || this.isOfTable(id));
    return known === undefined || tells ? refusedType(known?.name ?? '') : this.type(id);
  }

  /** The type of the rows of a table, a view or the like. */
  isOfTable(id: number): boolean {
    return !['', 'c'].includes(this.#known.type(id)?.relation ?? '');
  }

  /** Whether a function's arguments or answer look names up, which the server does before the function is called. */
  looksUp({ types }: KnownFunction): boolean {
    return types.some((type) => this.type(type) !== undefined);
  }
}

export function refusal(kind: string, name: string): string {
  return `it calls the ${kind} ${name}, which is not allowed`;
}

/** The same whether the server has such a type or not. */
export function refusedType(name: string): string {
  return `it uses the type ${name}, which the server does not have or a query may not use`;
}

function isHarmless(known: KnownFunction): boolean {
  const { own, kind, name, volatility, definer, extension } = known;
  if (kind === 'p') return false;
  // What the server has of an aggregate's volatility means nothing; its parts do.
  if (kind === 'a') return true;
  if (own) return isHarmlessOwn(name, volatility);
  return !definer && (volatility === 'i' || (volatility === 's' && extension === harmlessExtension));
}

/** Its values are written as names of what the server has, or they are not for queries. */
function isLookup({ own, kind, name, schema }: KnownType): boolean {
  if (kind !== 'b') return false;
  const element = name.replace(/^_/, '');
  return schema === 'pg_catalog' && !(own && (isPlainType(element) || isSearchType(element)));
}

/** What uses itself is judged by all else that it uses. */
function remembered(
  known: Map<number, string | undefined>,
  id: number,
  judge: () => string | undefined,
): string | undefined {
  if (known.has(id)) return known.get(id);
  known.set(id, undefined);
  const verdict = judge();
  known.set(id, verdict);
  return verdict;
}
