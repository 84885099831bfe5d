import { StandInCollection } from './stand-in-collection.ts';
import { Refusal } from './stand-in-reading.ts';
import type { CreateCollection } from './stand-in-requests.ts';

type AliasAction =
  | { create_alias: { collection_name: string; alias_name: string } }
  | { delete_alias: { alias_name: string } };

/** The collections and their aliases, which share one space of names. */
export class StandInCatalog {
  readonly collections = new Map<string, StandInCollection>();
  readonly #aliases = new Map<string, string>();

  /** By its own name only. */
  collection(name: string): StandInCollection {
    const found = this.collections.get(name);
    if (found === undefined) throw missing(name);
    return found;
  }

  /** By its own name or an alias. */
  resolve(name: string): StandInCollection {
    return this.collection(this.#aliases.get(name) ?? name);
  }

  create(name: string, config: CreateCollection): void {
    const forbidden = [...name].find((character) => '<>:"/\\|?*\0\x1f'.includes(character));
    if (forbidden !== undefined || name.length > 255) {
      const problem = forbidden === undefined ? 'is too long' : `cannot contain "${forbidden}" char`;
      throw new Refusal(422, `Validation error in path parameters: [collection_name: collection name ${problem}]`);
    }
    if (this.#aliases.has(name)) {
      const problem = `Can't create collection with name ${name}. Alias with the same name already exists`;
      throw new Refusal(400, `Wrong input: ${problem}`);
    }
    if (this.collections.has(name)) throw taken(name);
    this.collections.set(name, new StandInCollection(config));
  }

  delete(name: string): boolean {
    for (const [alias, collection] of this.#aliases) if (collection === name) this.#aliases.delete(alias);
    return this.collections.delete(name);
  }

  aliases(of?: string): object[] {
    return [...this.#aliases].flatMap(([alias_name, collection_name]) =>
      of === undefined || of === collection_name ? { alias_name, collection_name } : [],
    );
  }

  /** All of them, or none when one is refused. */
  changeAliases(actions: readonly AliasAction[]): void {
    const changed = new Map(this.#aliases);
    for (const action of actions) {
      if ('delete_alias' in action) changed.delete(action.delete_alias.alias_name);
      else {
        const { collection_name, alias_name } = action.create_alias;
        if (!this.collections.has(collection_name)) throw missing(collection_name);
        if (this.collections.has(alias_name)) throw taken(alias_name);
        changed.set(alias_name, collection_name);
      }
    }
    this.#aliases.clear();
    for (const [alias, collection] of changed) this.#aliases.set(alias, collection);
  }
}

function missing(name: string): Refusal {
  return new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
}

function taken(name: string): Refusal {
  return new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
}
