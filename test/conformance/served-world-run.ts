import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Failure } from '../../providers/contract/failure.ts';
import type { OfflineStore } from '../../providers/contract/offline-store.ts';
import type { OnlineStore } from '../../providers/contract/online-store.ts';
import { parseValueType, type Scalar, scalar, type Value } from '../../providers/contract/value-type.ts';
import { materializeView } from '../../src/materialization/materialize-view.ts';
import type { TimeRange } from '../../src/materialization/materialized-rows.ts';
import { pushFeatures } from '../../src/materialization/push-features.ts';
import { serveAsked } from '../../src/on-demand/asked-serving.ts';
import type { Catalog, ResourceOf } from '../../src/registry/catalog.ts';
import { type ResolvedFeature, requireSelection, storedFeatures } from '../../src/registry/selection.ts';
import { planRetrieval } from '../../src/retrieval/point-in-time-planning.ts';
import { serveFeatures } from '../../src/serving/online-serving.ts';
import { viewAddress } from '../../src/serving/view-rows.ts';
import { toJson } from '../../src/values/json-value.ts';
import { OpenedStores } from '../servers/opened-stores.ts';
import { rowReader } from '../servers/row-reader.ts';
import { computedOffline, withComputed } from './computed-features.ts';
import { context, retrieved } from './offline-rows.ts';
import { type Key, plain, ServedRowWatch, type SourceRow, servedRow } from './served-rows.ts';
import type { Operation, ServedView, ServedWorld } from './served-worlds.ts';
import { inSmallBatches } from './small-batches.ts';
import { catalogOfViews, viewNamed } from './view-catalog.ts';

/** One world in real stores, to which the product's own services do its operations. */
export class ServedWorldRun {
  readonly #world: ServedWorld;
  readonly #offline: OfflineStore;
  readonly #online: OnlineStore;
  readonly #stores: OpenedStores;
  readonly #catalog: Catalog;
  readonly #features: ResolvedFeature[];
  readonly #keys: Key[];
  readonly #rows: SourceRow[][];
  readonly #arrived: number[];
  readonly #entity: ResourceOf<'ENTITY'>;
  readonly #watches: ServedRowWatch[];

  constructor(id: string, world: ServedWorld, offline: OfflineStore, online: OnlineStore) {
    this.#world = world;
    this.#offline = offline;
    this.#online = online;
    this.#catalog = catalogOfViews(
      id,
      world.keys,
      world.views.map(({ described }) => described),
    );
    const observed = inSmallBatches(offline, () => this.#observe());
    this.#stores = new OpenedStores({ 'warehouse@v1': { offline: observed }, 'latest@v1': { online } });
    const [entity] = this.#catalog.ofKind('ENTITY');
    assert.ok(entity);
    this.#entity = entity;
    const selected = world.views.flatMap(({ described: { name, features } }) =>
      features.map((feature) => ({ feature: `${name}:${feature.name}`, alias: `${name}_${feature.name}` })),
    );
    this.#features = storedFeatures(requireSelection(this.#catalog, selected));
    this.#rows = world.views.map((view) => view.rows.map((row) => this.#sourceRow(view, row)));
    const keys = this.#rows.flat().map(({ key }) => key);
    this.#keys = [...new Map(keys.map((key) => [inspect(key), key])).values()];
    this.#watches = this.#rows.map((rows) => new ServedRowWatch(rows));
    this.#arrived = world.views.map(() => 0);
  }

  /** Every source is there, without rows. */
  async begin(): Promise<void> {
    for (const at of this.#world.views.keys()) await this.#arrive(at, 0);
  }

  async perform(operation: Operation): Promise<void> {
    const view = this.#view(operation.view);
    if (operation.kind === 'ARRIVE') await this.#arrive(operation.view, operation.rows);
    else if (operation.kind === 'PUSH') await this.#push(operation.view, operation.rows);
    else await this.#materialize(view, operation, operation.batches);
    await this.#observe();
  }

  /** All rows are there at last, and each view is materialized whole. */
  async finish(): Promise<void> {
    for (const at of this.#world.views.keys()) {
      await this.#arrive(at, Number.POSITIVE_INFINITY);
      await this.#materialize(this.#view(at), { to: this.#world.until }, Number.POSITIVE_INFINITY);
    }
    await this.#observe();
  }

  /** What each key is served, all features in one row, null where there is no value to serve. */
  async served(): Promise<Value[][]> {
    const columns = await this.#serve();
    return this.#keys.map((_, row) =>
      columns.map(({ statuses, values }) => {
        assert.notEqual(statuses[row], 'ERROR');
        return plain(values[row] ?? null);
      }),
    );
  }

  /** What each key's point-in-time values are at T. */
  async pointInTime(): Promise<Value[][]> {
    const { plan } = planRetrieval(this.#catalog, { spine: this.#spine(), asked: this.#features, knownAsOf: false });
    return retrieved(this.#offline, plan);
  }

  /** On-demand features of all views, served and point-in-time at T, each with how many of them are errors. */
  async computed() {
    const { catalog, asked } = withComputed(this.#catalog, this.#world.views);
    const keys = this.#world.keys.map(({ name, type }, part) => ({
      joinKey: name,
      values: this.#keys.map((key) => toJson(scalar(type), key[part] ?? null)),
    }));
    const { columns } = await serveAsked(catalog, rowReader(this.#stores, catalog), {
      features: asked,
      keys,
      request: [],
    });
    const rows = this.#keys.map((_, row) => columns.map(({ values }) => plain(values[row] ?? null)));
    const errors = columns.flatMap(({ statuses }) => statuses).filter((status) => status === 'ERROR').length;
    const planned = planRetrieval(catalog, { spine: this.#spine(), asked, knownAsOf: false });
    return { online: { rows, errors }, offline: await computedOffline(this.#offline, planned) };
  }

  #spine() {
    const keys = this.#world.keys.map(({ name }) => ({ joinKey: name, column: name }));
    const columns = this.#world.keys.map(({ name, type }) => ({ name, type: scalar(type) }));
    return {
      relation: {
        kind: 'ROWS' as const,
        columns: [...columns, { name: 'at', type: scalar('TIMESTAMP') }],
        rows: this.#keys.map((key) => [...key, this.#world.until]),
      },
      timestamp: 'at',
      columns: [],
      roles: [{ role: this.#entity.name, entity: this.#entity, keys }],
    };
  }

  async dispose(): Promise<void> {
    for (const at of this.#world.views.keys()) {
      const view = this.#view(at);
      await this.#online.drop(viewAddress(this.#entity, view));
      await this.#offline.dropTransformed(view.definition.source);
    }
  }

  async #arrive(at: number, more: number): Promise<void> {
    const { columns, rows } = this.#served(at);
    const arrived = Math.min(rows.length, (this.#arrived[at] ?? 0) + more);
    this.#arrived[at] = arrived;
    const relation = { kind: 'ROWS' as const, columns, rows: rows.slice(0, arrived) };
    await this.#offline.transform(this.#view(at).definition.source, relation, context());
  }

  /** Rows that are to come by the source, up to T. */
  async #push(at: number, wanted: readonly number[]): Promise<void> {
    const { described } = this.#served(at);
    const { eventTimestamp, createdTimestamp, features } = described;
    const rows = wanted.flatMap((row) => this.#rows[at]?.[row] ?? []);
    const pushed = rows.filter(({ key, event }) => {
      const inTime = eventTimestamp === undefined || (event !== null && event <= this.#world.until);
      return inTime && !key.includes(null);
    });
    const json = pushed.map(({ key, event, created, values }) => ({
      ...Object.fromEntries(
        this.#world.keys.map(({ name, type }, part) => [name, toJson(scalar(type), key[part] ?? null)]),
      ),
      ...(eventTimestamp !== undefined && { [eventTimestamp]: toJson(scalar('TIMESTAMP'), event) }),
      ...(createdTimestamp !== undefined && { [createdTimestamp]: toJson(scalar('TIMESTAMP'), created) }),
      ...Object.fromEntries(
        features.map(({ name, type }, position) => {
          const parsed = parseValueType(type);
          assert.ok(parsed);
          return [name, toJson(parsed, values[position] ?? null)];
        }),
      ),
    }));
    const { written, stale } = await pushFeatures(this.#stores, this.#catalog, this.#view(at), json);
    assert.equal(written + stale, json.length);
  }

  /** Aborted once so many batches are written, which may be more than there are. */
  async #materialize(view: ResourceOf<'FEATURE_VIEW'>, { from, to }: TimeRange, batches: number): Promise<void> {
    const controller = new AbortController();
    if (batches === 0) controller.abort();
    let written = 0;
    const progress = () => {
      if (++written === batches) controller.abort();
    };
    const range = { to, ...(from !== undefined && { from }) };
    try {
      await materializeView(this.#stores, this.#catalog, view, range, { signal: controller.signal, progress });
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'CANCELLED' && controller.signal.aborted)) throw error;
    }
  }

  async #observe(): Promise<void> {
    const columns = await this.#serve();
    for (const [at, { described }] of this.#world.views.entries()) {
      const own = columns.filter(({ feature }) => feature.view.name === described.name);
      for (const [index, key] of this.#keys.entries()) this.#watches[at]?.observe(key, servedRow(own, index));
    }
  }

  async #serve() {
    const keys = new Map([[this.#entity.name, this.#keys]]);
    const request = { features: this.#features, keys, size: this.#keys.length };
    return (await serveFeatures(rowReader(this.#stores, this.#catalog), request)).columns;
  }

  #sourceRow({ columns, described }: ServedView, row: Value[]): SourceRow {
    const cell = (name: string | undefined) => row[columns.findIndex((column) => column.name === name)] ?? null;
    const time = (name: string | undefined) => {
      const value = cell(name);
      return typeof value === 'bigint' ? value : null;
    };
    return {
      key: this.#world.keys.map(({ name, type }) => {
        const value = cell(name);
        if (type === 'INT64' && typeof value === 'number') return BigInt(value);
        return value as Scalar | null;
      }),
      event: time(described.eventTimestamp),
      created: time(described.createdTimestamp),
      values: described.features.map(({ name }) => cell(name)),
    };
  }

  #served(at: number): ServedView {
    const view = this.#world.views[at];
    assert.ok(view);
    return view;
  }

  #view(at: number): ResourceOf<'FEATURE_VIEW'> {
    return viewNamed(this.#catalog, this.#served(at).described.name);
  }
}
