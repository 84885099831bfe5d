import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import { type Scalar, type ScalarName, scalar, type Value } from '../../providers/contract/value-type.ts';
import { materializeView } from '../../src/materialization/materialize-view.ts';
import { pushFeatures } from '../../src/materialization/push-features.ts';
import type { Catalog } from '../../src/registry/catalog.ts';
import { type ResolvedFeature, requireSelection, storedFeatures } from '../../src/registry/selection.ts';
import { planRetrieval } from '../../src/retrieval/point-in-time-planning.ts';
import { retrieveRun } from '../../src/retrieval/retrieve-run.ts';
import { serveFeatures } from '../../src/serving/online-serving.ts';
import { toJson } from '../../src/values/json-value.ts';
import { beyond, type OracleEvent, windowValue } from '../oracle/windows.ts';
import { OpenedStores } from '../servers/opened-stores.ts';
import { rowReader } from '../servers/row-reader.ts';
import { context } from './offline-rows.ts';
import { catalogOfViews, viewNamed } from './view-catalog.ts';
import { eventColumnTypes, until, type WindowWorld, type WindowWorldFeature } from './window-worlds.ts';

/** How an offline store is asked: the moments, or what was known by them, and how long before. */
export type Asked = { knownAsOf?: boolean; lag?: string };

const columns = Object.entries(eventColumnTypes).map(([name, type]) => ({ name, type }));
const joinKeys = [
  { name: 'shop', type: 'STRING' },
  { name: 'customer', type: 'INT64' },
];

/** Of which a part is null: no entity's, whatever rows there are of it. */
const brokenKeys: readonly [string | null, bigint | null][] = [
  ['north', null],
  [null, 1n],
];

/** Many worlds at once, each a key of one view of windows, in real stores and by the product's own services. */
export class WindowWorldsRun {
  readonly #worlds: readonly WindowWorld[];
  /** The events of each world as the view reads them. */
  readonly #read: readonly OracleEvent[][];
  readonly #wanted: readonly WindowWorldFeature[];
  readonly #catalog: Catalog;
  readonly #features: ResolvedFeature[];
  readonly #id: string;

  constructor(id: string, wanted: readonly WindowWorldFeature[], worlds: readonly WindowWorld[], lateness: string) {
    this.#id = id;
    this.#worlds = worlds;
    this.#wanted = wanted;
    this.#read = worlds.map(({ events }) => events.map(this.#asRead));
    const read = new Set(['id', ...wanted.flatMap(({ definition }) => columnsOf(definition))]);
    const view = {
      name: 'spending',
      features: wanted.map(({ definition }) => definition),
      eventTimestamp: 'happened',
      createdTimestamp: 'recorded',
      eventId: { column: 'id' },
      eventColumns: columns.filter(({ name }) => !read.has(name)).map(({ name, type }) => ({ column: name, type })),
      lateness,
    };
    this.#catalog = catalogOfViews(id, joinKeys, [view]);
    this.#features = storedFeatures(
      requireSelection(
        this.#catalog,
        wanted.map(({ definition }) => ({ feature: `spending:${definition.name}` })),
      ),
    );
  }

  /** Stores the events that there are, in the order of the worlds turned round, as no store promises any. */
  async arrive(offline: OfflineStore, isThere: (event: OracleEvent) => boolean = () => true): Promise<void> {
    const rows = this.#worlds.flatMap(({ events }, at) =>
      events.filter(isThere).map((event) => {
        const values = columns.map(({ name }) => event.values[name] ?? null);
        return [...keyOf(at), event.time, event.created, ...values];
      }),
    );
    const [one] = this.#worlds.flatMap(({ events }) => events).filter(isThere);
    if (one !== undefined) {
      const values = columns.map(({ name }) => one.values[name] ?? null);
      rows.push(...brokenKeys.map((key) => [...key, one.time, one.created, ...values]));
    }
    const typed = [
      ...joinKeys,
      { name: 'happened', type: 'TIMESTAMP' },
      { name: 'recorded', type: 'TIMESTAMP' },
      ...columns,
    ];
    const relation = {
      kind: 'ROWS' as const,
      columns: typed.map(({ name, type }) => ({ name, type: scalar(type as ScalarName) })),
      rows: rows.reverse(),
    };
    await offline.transform(viewNamed(this.#catalog, 'spending').definition.source, relation, context());
  }

  /** What each world has at each of its moments. */
  expected({ knownAsOf = false, lag = 0n }: { knownAsOf?: boolean; lag?: bigint } = {}): (Value | typeof beyond)[][] {
    return this.#worlds.flatMap(({ instants }, at) =>
      instants.map((instant) =>
        this.#wanted.map(({ asked }) =>
          windowValue(asked, this.#read[at] ?? [], instant - lag, knownAsOf ? instant : undefined),
        ),
      ),
    );
  }

  expectedAt(instant: bigint, isThere: (event: OracleEvent) => boolean = () => true): (Value | typeof beyond)[][] {
    return this.#read.map((events) => {
      const there = events.filter(isThere);
      return this.#wanted.map(({ asked }) => windowValue(asked, there, instant));
    });
  }

  /** The same as joined to the moments as a spine, whose rows are turned round. */
  async joined(offline: OfflineStore, { knownAsOf = false, lag }: Asked = {}): Promise<Value[][]> {
    const moments: Value[][] = [
      ...this.#worlds.flatMap(({ instants }, at) => instants.map((instant) => [...keyOf(at), instant])),
      ...brokenKeys.map((key) => [...key, until]),
    ];
    const [entity] = this.#catalog.ofKind('ENTITY');
    assert.ok(entity);
    const keys = joinKeys.map(({ name }) => ({ joinKey: name, column: name }));
    const roles = [{ role: 'thing', entity, keys }];
    const spine = {
      relation: {
        kind: 'ROWS' as const,
        columns: [...joinKeys, { name: 'at', type: 'TIMESTAMP' }].map(({ name, type }) => {
          return { name, type: scalar(type as ScalarName) };
        }),
        rows: moments.toReversed(),
      },
      timestamp: 'at',
      columns: [],
      roles,
    };
    const asked = requireSelection(
      this.#catalog,
      this.#wanted.map(({ definition }) => ({
        feature: `spending:${definition.name}`,
        ...(lag !== undefined && { lag }),
      })),
      roles,
    );
    const planned = planRetrieval(this.#catalog, { spine, asked, knownAsOf });
    const run = `${this.#id} run`;
    await retrieveRun(this.#stores(offline), planned, run, context());
    const { rows } = await offline.readRun(run, 0, moments.length + 1);
    await offline.dropRun(run);
    const ordered = rows.toReversed();
    for (const row of ordered.splice(-brokenKeys.length)) assert.ok(row.every((value) => value === null));
    return ordered;
  }

  async materialize(offline: OfflineStore, online: OnlineStore, to: bigint): Promise<void> {
    await materializeView(this.#stores(offline, online), this.#catalog, this.#view, { to }, context());
  }

  /** Events of all worlds, in one push; answers how many came too late. */
  async push(
    online: OnlineStore,
    wanted: (event: OracleEvent) => boolean,
  ): Promise<{ written: number; stale: number; late: number }> {
    const rows = this.#worlds.flatMap(({ events }, at) => {
      const [shop, customer] = keyOf(at);
      return events.filter(wanted).map((event) => ({
        shop,
        customer: toJson(scalar('INT64'), customer as Scalar),
        happened: toJson(scalar('TIMESTAMP'), event.time),
        recorded: toJson(scalar('TIMESTAMP'), event.created),
        ...Object.fromEntries(
          columns.map(({ name, type }) => [name, toJson(scalar(type), event.values[name] ?? null)]),
        ),
      }));
    });
    const total = { written: 0, stale: 0, late: 0 };
    for (let from = 0; from < rows.length; from += 5_000) {
      const some = rows.slice(from, from + 5_000);
      const { written, stale, late } = await pushFeatures(
        this.#stores(undefined, online),
        this.#catalog,
        this.#view,
        some,
      );
      total.written += written;
      total.stale += stale;
      total.late += late.length;
    }
    return total;
  }

  /** What each world is served at an instant, with `BEYOND` where the status is ERROR. */
  async served(online: OnlineStore, at?: bigint): Promise<(Value | typeof beyond)[][]> {
    const all = [...this.#worlds.map((_, world) => keyOf(world)), ...brokenKeys];
    const request = {
      features: this.#features,
      keys: new Map([['thing', all]]),
      size: all.length,
      ...(at !== undefined && { at }),
    };
    const read = rowReader(this.#stores(undefined, online), this.#catalog);
    const { columns: answered } = await serveFeatures(read, request);
    for (const { values, statuses } of answered) {
      const broken = brokenKeys.map((_, place) => [values, statuses].map((all) => all[this.#worlds.length + place]));
      assert.deepEqual(broken, [
        [null, 'NOT_FOUND'],
        [null, 'NOT_FOUND'],
      ]);
    }
    return this.#worlds.map((_, row) =>
      answered.map(({ values, statuses }) => (statuses[row] === 'ERROR' ? beyond : (values[row] ?? null))),
    );
  }

  async dispose(offlineStores: readonly OfflineStore[]): Promise<void> {
    for (const offline of offlineStores) await offline.dropTransformed(this.#view.definition.source);
  }

  get #view() {
    return viewNamed(this.#catalog, 'spending');
  }

  /** With the columns that the view reads, in the order in which it names them: by that, rows of one event are told apart. */
  readonly #asRead = (event: OracleEvent): OracleEvent => {
    const named = new Set([
      ...this.#wanted.flatMap(({ definition }) => columnsOf(definition)),
      'id',
      ...columns.map(({ name }) => name),
    ]);
    return { ...event, values: Object.fromEntries([...named].map((name) => [name, event.values[name] ?? null])) };
  };

  #stores(offline?: OfflineStore, online?: OnlineStore): OpenedStores {
    return new OpenedStores({
      'warehouse@v1': { ...(offline && { offline }) },
      'latest@v1': { ...(online && { online }) },
    });
  }
}

/** The columns that a feature names, in the order in which its view comes to them. */
function columnsOf({ column, aggregation }: WindowWorldFeature['definition']): string[] {
  return [column, aggregation.secondaryKey].filter((name) => typeof name === 'string');
}

function keyOf(at: number): [string, bigint] {
  return [['', 'north', 'sou\u0301th', '\u{1f600}'][at % 4] as string, BigInt(at) - 3n];
}

/** An overflow is a null offline, where there is no status. */
export function asOffline(rows: readonly (readonly (Value | typeof beyond)[])[]): Value[][] {
  return rows.map((row) => row.map((value) => (value === beyond ? null : value)));
}

/** At the clock of a world. */
export async function atClock<T>(microseconds: bigint, work: () => Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['Date'], now: Number(microseconds / 1_000n) });
  try {
    return await work();
  } finally {
    mock.timers.reset();
  }
}
