import { Failure } from '../../providers/contract/failure.ts';
import type { Relation } from '../../providers/contract/relation.ts';
import { limitExceeded } from '../limit-exceeded.ts';
import type { Catalog, ResourceOf } from './catalog.ts';
import { filesRelation } from './files-relation.ts';
import { inputsOf, isComputed, isStored } from './relations.ts';

/** What one relation may hold. With inputs that share inputs there are twice as many relations with each step. */
const most = { relations: 1_000, depth: 100, characters: 2_000_000 };

type Measures = { relations: number; depth: number; characters: number };
type Made = Measures & { relation: Relation };

/** Sources of a catalog as relations, each made once: one that several are computed from is one object in all of these. */
export class SourceRelations {
  readonly #catalog: Catalog;
  readonly #made = new Map<string, Made | Failure>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /**
   * A source as its offline store reads it. A transformation is the table which its job left, or where there is none its SQL
   * over its inputs, so that columns are known before anything runs. Fails with LIMIT_EXCEEDED where too much is computed from
   * one another.
   */
  of(source: ResourceOf<'SOURCE'>): Relation {
    return relationIn(this.#read(source, 1));
  }

  /** A source as it is defined, whether or not it is stored: what its transform job runs. Fails as `of` does. */
  defined(source: ResourceOf<'SOURCE'>): Relation {
    return relationIn(this.#define(source, 1));
  }

  #read(source: ResourceOf<'SOURCE'>, level: number): Made | Failure {
    const made = this.#made.get(source.id) ?? this.#make(source, level);
    this.#made.set(source.id, made);
    return made;
  }

  #make(source: ResourceOf<'SOURCE'>, level: number): Made | Failure {
    if (isStored(source.definition) && !isComputed(source)) return single({ kind: 'TRANSFORMED', id: source.ref });
    return this.#define(source, level);
  }

  #define(source: ResourceOf<'SOURCE'>, level: number): Made | Failure {
    const { files, table, transformation } = source.definition;
    if (files !== undefined) return single(filesRelation(files));
    if (table !== undefined)
      return single({ kind: 'TABLE', table: table.name, ...(table.schema !== undefined && { schema: table.schema }) });
    if (transformation === undefined) throw new Failure('INTERNAL', `source ${source.ref} has no rows`);
    // Seen from its end nobody knows yet how deep it goes.
    if (level > most.depth) throw tooMuch(source, 'depth', level);
    return this.#query(source, transformation.sql, level);
  }

  #query(source: ResourceOf<'SOURCE'>, sql: string, level: number): Made | Failure {
    const inputs: Record<string, Relation> = {};
    const measures: Measures = { relations: 1, depth: 1, characters: sql.length };
    for (const input of inputsOf(this.#catalog, source)) {
      const made = this.#read(input, level + 1);
      if (made instanceof Failure) return made;
      inputs[input.ref] = made.relation;
      measures.relations += made.relations;
      measures.depth = Math.max(measures.depth, made.depth + 1);
      measures.characters += made.characters;
    }
    for (const measure of ['depth', 'relations', 'characters'] as const)
      if (measures[measure] > most[measure]) return tooMuch(source, measure, measures[measure]);
    return { ...measures, relation: { kind: 'QUERY', sql, inputs } };
  }
}

/** As `SourceRelations.of`, of one source. */
export function relationOf(catalog: Catalog, source: ResourceOf<'SOURCE'>): Relation {
  return new SourceRelations(catalog).of(source);
}

/** As `SourceRelations.defined`, of one source. */
export function definedRelation(catalog: Catalog, source: ResourceOf<'SOURCE'>): Relation {
  return new SourceRelations(catalog).defined(source);
}

function single(relation: Relation): Made {
  return { relations: 1, depth: 0, characters: 0, relation };
}

function relationIn(made: Made | Failure): Relation {
  if (made instanceof Failure) throw made;
  return made.relation;
}

const words: { readonly [M in keyof Measures]: string } = {
  relations: 'relations that are computed within one another',
  depth: 'transformations, each computed from the one before it,',
  characters: 'characters of SQL that are computed within one another',
};

function tooMuch({ ref }: ResourceOf<'SOURCE'>, measure: keyof Measures, found: number): Failure {
  const fix = 'Register those below first, as TABLEs, and what is built on them once these are READY.';
  return limitExceeded({ path: ref, what: words[measure], found, most: most[measure], fix });
}
