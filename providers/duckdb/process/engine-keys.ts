import type { Relation } from '../../contract/relation.ts';
import { digest } from '../../sql/relation-version.ts';
import { type EngineCall, type EngineStream, relationsOf } from './engine-calls.ts';

/** How a call is known again that may end the engine, and the relations in it that may themselves. */
export type EngineKeys = { key: string | undefined; parts: readonly string[] };

/**
 * Binding a relation and reading it are two things: what can't be read may well be asked for its columns. What is read
 * in a call, in part or whole, is one. Numbers of a run, ids and instants are not told apart: the next try has others.
 */
export function keysOf(call: EngineCall<Relation> | EngineStream<Relation>): EngineKeys {
  const digests = new RelationDigests();
  switch (call.method) {
    case 'open':
    case 'close':
    case 'check':
    case 'dropTransformed':
    case 'dropRun':
      return { key: undefined, parts: [] };
    case 'decideFiles':
      return { key: digest(['files', digests.of(call.files)]), parts: [] };
    case 'readRun':
    case 'countRun':
    case 'streamRun':
      return { key: digest(['run', call.run]), parts: [] };
    case 'columns':
    case 'columnOrigins':
    case 'version':
      return { key: digest(['bound', digests.of(call.relation)]), parts: [] };
    case 'retrieve': {
      const { spine, joins } = call.plan;
      const texts = [spine, ...joins].map((part) => dataText({ ...part, relation: digests.of(part.relation) }));
      return { key: digest(['read', ...texts]), parts: digests.partsOf(call).map(readKey) };
    }
    default: {
      const parts = digests.partsOf(call).map(readKey);
      const [relation] = relationsOf(call);
      return { key: relation && readKey(digests.of(relation)), parts };
    }
  }
}

/** What relations are known by, each looked at once for a call. */
class RelationDigests {
  readonly #known = new Map<Relation, string>();

  of(relation: Relation): string {
    const known = this.#known.get(relation) ?? digest([this.#text(relation)]);
    this.#known.set(relation, known);
    return known;
  }

  /** All relations that a call reads, and those below them; not rows, which somebody has sent. */
  partsOf(call: EngineCall<Relation> | EngineStream<Relation>): string[] {
    for (const relation of relationsOf(call)) this.of(relation);
    return [...this.#known].filter(([{ kind }]) => kind !== 'ROWS' && kind !== 'BATCHES').map(([, known]) => known);
  }

  /** Of rows only what they are like: it is not their values that end an engine. */
  #text(relation: Relation): string {
    if (relation.kind === 'ROWS') return dataText([relation.kind, relation.columns, relation.rows.length]);
    if (relation.kind === 'BATCHES') return dataText([relation.kind, relation.columns]);
    if (relation.kind !== 'QUERY') return dataText(relation);
    return dataText([relation.sql, Object.entries(relation.inputs).map(([name, input]) => [name, this.of(input)])]);
  }
}

function readKey(relation: string): string {
  return digest(['read', relation]);
}

function dataText(data: unknown): string {
  return JSON.stringify(data, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
