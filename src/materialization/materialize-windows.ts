import { Failure } from '../../providers/contract/failure.ts';
import type { RunContext } from '../../providers/contract/offline-store.ts';
import type { Catalog, ResourceOf } from '../registry/catalog.ts';
import { relationOf } from '../registry/source-relations.ts';
import { providerOfView, sourceOfView, viewColumns } from '../retrieval/point-in-time-planning.ts';
import type { StorePool } from '../stores/store-pool.ts';
import { turn } from '../turns.ts';
import { KeyBuild } from '../windows/key-build.ts';
import { eventReader, keyRunsOfBatches } from '../windows/key-runs.ts';
import { neededFrom, type WindowEvent } from '../windows/window-plan.ts';
import type { MaterializedRows, TimeRange } from './materialized-rows.ts';
import { type TileChange, WindowWriter } from './window-writer.ts';

const keysOfBatch = 500;
/** How many events are added before others are looked after. */
const eventsOfTurn = 1_000;

/**
 * Makes the tiles of each key from the events of its source up to `to`, whole: in their place go those that are there, but
 * for what is newer. So runs may repeat and meet pushes. A window that began before `from` is not whole without what came
 * before, so that all is read.
 */
export async function materializeWindows(
  stores: StorePool,
  catalog: Catalog,
  view: ResourceOf<'FEATURE_VIEW'>,
  range: TimeRange,
  context: RunContext,
): Promise<MaterializedRows> {
  const provider = providerOfView(catalog, view);
  const offline = await stores.offline(provider.definition, provider.ref);
  const writer = await WindowWriter.open(stores, catalog, view);
  const { plan, keyTypes } = writer;
  const now = Date.now() * 1_000;
  // What is said to be whole until later than now would shut out what comes until then.
  const to = Math.min(Number(range.to), now);
  const lateBefore = to - plan.lateness;
  const events = offline.events(eventsPlan(catalog, view, neededFrom(plan, lateBefore), Math.max(to, now)), {
    signal: context.signal,
    progress: () => {},
  });
  const total: MaterializedRows = { rows: 0, written: 0, stale: 0, watermark: null, late: [] };
  const builds = new Builds(writer, to, total, context);
  const read = eventReader(keyTypes.length, plan.columns.length);
  let open: Uint8Array | undefined;
  for await (const runs of keyRunsOfBatches(events, keyTypes, read)) {
    for (const { encoded, rows } of runs) {
      if (open === undefined || Buffer.compare(open, encoded) !== 0)
        builds.begin(encoded, new KeyBuild(plan, lateBefore));
      open = encoded;
      await builds.prepare(rows);
      for (const [at, event] of rows.entries()) {
        if (at % eventsOfTurn === eventsOfTurn - 1) await turn();
        builds.add(event);
      }
    }
    if (context.signal.aborted) throw new Failure('CANCELLED', `The materialization of ${view.ref} was cancelled.`);
    await builds.writeAllButLast();
  }
  await builds.writeAll();
  return total;
}

function eventsPlan(catalog: Catalog, view: ResourceOf<'FEATURE_VIEW'>, from: number, to: number) {
  const { keys, values, entity: _, ...times } = viewColumns(catalog, view);
  return {
    relation: relationOf(catalog, sourceOfView(catalog, view)),
    keys: keys.map((key) => key.column),
    columns: values,
    ...times,
    ...(Number.isFinite(from) && { from: BigInt(from) - 1n }),
    to: BigInt(to),
  };
}

/** Keys whose events have come, until they are written. */
class Builds {
  readonly #writer: WindowWriter;
  readonly #to: number;
  readonly #total: MaterializedRows;
  readonly #context: RunContext;
  #changes: TileChange[] = [];
  #last: { build: KeyBuild; counted: boolean } | undefined;

  constructor(writer: WindowWriter, to: number, total: MaterializedRows, context: RunContext) {
    this.#writer = writer;
    this.#to = to;
    this.#total = total;
    this.#context = context;
  }

  begin(encoded: Uint8Array, build: KeyBuild): void {
    this.#last = { build, counted: false };
    this.#changes.push({ encoded, change: (present) => build.over(present, this.#to) });
  }

  prepare(events: readonly WindowEvent[]): Promise<void> | undefined {
    return this.#last?.build.prepare(events);
  }

  /** Only what is until `to` is told of. */
  add(event: WindowEvent): void {
    if (this.#last === undefined) return;
    this.#last.build.add(event);
    if (event.time > this.#to) return;
    if (!this.#last.counted) this.#total.rows++;
    this.#last.counted = true;
    const time = BigInt(event.time);
    if (this.#total.watermark === null || time > this.#total.watermark) this.#total.watermark = time;
  }

  async writeAllButLast(): Promise<void> {
    const last = this.#changes.pop();
    while (this.#changes.length >= keysOfBatch) await this.#write(this.#changes.splice(0, keysOfBatch));
    if (last !== undefined) this.#changes.push(last);
  }

  async writeAll(): Promise<void> {
    while (this.#changes.length > 0) await this.#write(this.#changes.splice(0, keysOfBatch));
  }

  async #write(changes: readonly TileChange[]): Promise<void> {
    const written = await this.#writer.change(changes);
    this.#total.written += written;
    this.#total.stale += changes.length - written;
    this.#context.progress(this.#total.rows);
  }
}
