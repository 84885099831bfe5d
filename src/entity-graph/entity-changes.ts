import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../providers/contract/failure.ts';
import type { Scalar } from '../../providers/contract/value-type.ts';
import type { FoundRow, ReadRows } from '../serving/row-reading.ts';
import { keyText } from '../serving/value-change.ts';
import type { ValueChanges } from '../serving/value-changes.ts';
import { leftEarly } from '../state/left-early.ts';
import { type EntityNode, entityNodes, readEntities } from './entity-rows.ts';
import type { EntityType, ViewVariant } from './entity-types.ts';

export type WatchedEntities = {
  type: EntityType;
  keys: readonly (readonly Scalar[])[];
  /** The views whose rows are asked for. */
  wanted: readonly ViewVariant[];
  minimumIntervalMs: number;
};

/** How long to wait before a store that failed is asked again for what has changed meanwhile. */
const retryMs = 1_000;

/**
 * Entities as they are now, and each of them again whenever a row of a wanted view has changed, at most once in an
 * interval. Whoever reads slowly misses values in between, never the last. While a store fails nothing is said of its
 * entities, and what changed meanwhile is said when it answers again. Fails as `readEntities` does.
 */
export function entityChanges(
  valueChanges: ValueChanges,
  read: ReadRows,
  watched: WatchedEntities,
): AsyncGenerator<EntityNode> {
  const { type, keys, wanted, minimumIntervalMs } = watched;
  const entities = new Map(entityNodes(type, keys).map((node) => [keyText(node.encoded), node]));
  const views = new Set(wanted.map(({ view }) => view.id));
  // Begun before the first reading, so that nothing between the two is missed.
  const changes = valueChanges.watch(views, new Set(entities.keys()), { minimumIntervalMs });
  const left = new AbortController();
  const reader = new ChangedRows(read, watched, entities);
  const generator = (async function* () {
    yield* reader.changed(entities.keys(), left.signal);
    for await (const change of changes) yield* reader.changed(change.keys, left.signal);
  })();
  return leftEarly(generator, () => {
    left.abort();
    void changes.return?.();
  });
}

/** Knows the rows that were last said of each entity. */
class ChangedRows {
  readonly #read: ReadRows;
  readonly #watched: WatchedEntities;
  readonly #entities: ReadonlyMap<string, EntityNode>;
  readonly #last = new Map<string, EntityNode>();

  constructor(read: ReadRows, watched: WatchedEntities, entities: ReadonlyMap<string, EntityNode>) {
    this.#read = read;
    this.#watched = watched;
    this.#entities = entities;
  }

  /** Those of the named entities whose rows are others than were last said. */
  async *changed(names: Iterable<string>, left: AbortSignal): AsyncGenerator<EntityNode> {
    for (let asked = [...names]; asked.length > 0 && !left.aborted; ) {
      const failed: string[] = [];
      for (const [name, node] of await this.#present(asked)) {
        if ([...node.rows.values()].some((row) => row instanceof Failure)) failed.push(name);
        else if (!sameRows(node, this.#last.get(name))) {
          this.#last.set(name, node);
          yield node;
        }
      }
      asked = failed;
      if (asked.length > 0) await delay(retryMs, undefined, { signal: left }).catch(() => undefined);
    }
  }

  async #present(names: readonly string[]): Promise<[string, EntityNode][]> {
    const { type, wanted } = this.#watched;
    const keys = names.map((name) => this.#entities.get(name)?.key ?? []);
    const nodes = await readEntities(this.#read, type, keys, wanted);
    return nodes.map((node, at) => [names[at] ?? '', node]);
  }
}

function sameRows(one: EntityNode, other: EntityNode | undefined): boolean {
  return other !== undefined && [...one.rows].every(([view, row]) => sameRow(row, other.rows.get(view)));
}

function sameRow(one: FoundRow, other: FoundRow): boolean {
  if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return one === other;
  return Buffer.compare(one, other) === 0;
}
