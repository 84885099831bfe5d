import { createHash } from 'node:crypto';
import type { Relation } from '../../../providers/contract/relation.ts';

/** A relation, and a short text that tells it from every other. */
export type KnownRelation = { key: string; relation: Relation };

/**
 * Relations as one object for each, with their inputs: what a store has told of one then tells it of it as an input, too.
 */
export class KnownRelations {
  readonly #byKey = new Map<string, KnownRelation>();
  readonly #given = new WeakMap<Relation, KnownRelation>();

  of(relation: Relation): KnownRelation {
    const known = this.#given.get(relation) ?? this.#one(relation);
    this.#given.set(relation, known);
    return known;
  }

  /** What is computed from much has a text as long as all of that, and one for each step: only a digest is kept. */
  #one(relation: Relation): KnownRelation {
    if (relation.kind !== 'QUERY') return this.#kept(JSON.stringify(relation), relation);
    const inputs = Object.entries(relation.inputs).map(([name, input]) => ({ name, ...this.of(input) }));
    const text = JSON.stringify([relation.sql, inputs.map(({ name, key }) => [name, key])]);
    const own = inputs.map(({ name, relation: input }) => [name, input]);
    return this.#kept(text, { ...relation, inputs: Object.fromEntries(own) });
  }

  #kept(text: string, relation: Relation): KnownRelation {
    const key = createHash('sha256').update(text).digest('base64');
    const known = this.#byKey.get(key) ?? { key, relation };
    this.#byKey.set(key, known);
    return known;
  }
}
