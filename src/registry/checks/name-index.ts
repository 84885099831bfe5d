import type { Catalog, Resource } from '../catalog.ts';
import {
  type EntityGroup,
  entityGroups,
  type GraphName,
  namesOfGroup,
  type ReservedNames,
  type View,
} from '../graph-names.ts';
import { NameSuggestions } from './name-suggestions.ts';

/** A name that was taken before; `holder` tells by whom, as in "entity driver@v1 already is". */
export type NameCollision = { name: GraphName; holder: string };

/** All names that a catalog puts into the graph, by where they are and by who brought them. Made once a plan. */
export class NameIndex {
  readonly #reserved: ReservedNames;
  readonly #groups: ReadonlyMap<string, EntityGroup>;
  readonly #byPlace = new Map<string, GraphName[]>();
  readonly #broughtBy: ReadonlyMap<string, GraphName[]>;
  readonly #variants: ReadonlyMap<string, View[]>;
  readonly #suggestions = new NameSuggestions();

  constructor(catalog: Catalog, reserved: ReservedNames) {
    this.#reserved = reserved;
    this.#groups = entityGroups(catalog);
    const names = [...this.#groups.values()].flatMap(namesOfGroup);
    // Whoever came first keeps a name.
    const inOrder = names.toSorted((one, other) => one.by.sequence - other.by.sequence);
    this.#add(inOrder);
    this.#broughtBy = Map.groupBy(inOrder, ({ by }) => by.id);
    const views = [...this.#groups].flatMap(([entity, group]) => group.views.map((view) => ({ entity, view })));
    const variants = Map.groupBy(views, ({ entity, view }) => `${entity} ${view.name}`);
    this.#variants = new Map([...variants].map(([key, all]) => [key, all.map(({ view }) => view)]));
  }

  group(entity: string): EntityGroup | undefined {
    return this.#groups.get(entity);
  }

  /** The variants of a view that describe an entity, itself among them. */
  variants(entity: string, view: string): readonly View[] {
    return this.#variants.get(`${entity} ${view}`) ?? [];
  }

  /** The names that a resource brought and that were taken: one for each place in it where another can be given. */
  collisions(resource: Resource): NameCollision[] {
    const found = new Map<string, NameCollision>();
    for (const name of this.#broughtBy.get(resource.id) ?? []) {
      if (found.has(name.path)) continue;
      const holder = this.#holder(name);
      if (holder !== undefined) found.set(name.path, { name, holder });
    }
    return [...found.values()];
  }

  /**
   * A name like `wanted`, under which none of `namesWith` is taken, and which nobody else is told from then on. `apart`
   * is the entity whose own names don't count, because they would change as well.
   */
  suggest(wanted: string, ending: string, namesWith: (name: string) => GraphName[], apart?: string): string {
    const [first] = namesWith(wanted);
    const isFree = (name: string) => !namesWith(name).some((one) => this.#isTaken(one, apart));
    const name = this.#suggestions.next(first?.place ?? '', wanted, ending, isFree);
    this.#add(namesWith(name));
    return name;
  }

  #isTaken(name: GraphName, apart: string | undefined): boolean {
    return this.#isReserved(name) || this.#at(name).some((other) => other.entity !== apart && meet(name, other));
  }

  #holder(name: GraphName): string | undefined {
    if (this.#isReserved(name)) return 'the graph itself already has';
    const there = this.#at(name);
    const earlier = there.slice(0, there.indexOf(name)).find((other) => meet(name, other));
    return earlier && `${earlier.words} already is`;
  }

  #add(names: readonly GraphName[]): void {
    for (const one of names) {
      const key = keyOf(one);
      const there = this.#byPlace.get(key);
      if (there === undefined) this.#byPlace.set(key, [one]);
      else there.push(one);
    }
  }

  #at(name: GraphName): readonly GraphName[] {
    return this.#byPlace.get(keyOf(name)) ?? [];
  }

  #isReserved({ place, name }: GraphName): boolean {
    if (place === 'TYPE') return this.#reserved.types.has(name);
    return (place === 'QUERY' || place === 'SUBSCRIPTION') && this.#reserved.rootFields.has(name);
  }
}

function keyOf({ place, name }: GraphName): string {
  return `${place} ${name}`;
}

/** Two variants of an entity never decide at once, so what the one calls its own never meets what the other does. */
function meet(one: GraphName, other: GraphName): boolean {
  const apart = one.entity === other.entity && one.when !== undefined && other.when !== undefined;
  return one.bearer !== other.bearer && !(apart && one.when !== other.when);
}
