import type { Issue } from '../../contract/failure.ts';
import type {
  Column,
  ColumnOrigin,
  OfflineCapabilities,
  OfflineStore,
  RunContext,
  RunFilter,
  RunSummary,
} from '../../contract/offline-store.ts';
import type { LatestPlan, PointInTimePlan } from '../../contract/point-in-time-plan.ts';
import type { FilesRelation, Relation } from '../../contract/relation.ts';
import type { ColumnBatch, Table } from '../../contract/table.ts';
import { refusedCells } from '../../contract/typed-value.ts';
import { duckdbCapabilities } from '../duckdb-capabilities.ts';
import { requireHeld } from '../duckdb-held-values.ts';
import { DuckdbRuns } from '../duckdb-runs.ts';
import { DuckdbEngine, type EngineOptions } from './duckdb-engine.ts';
import { type PackedTable, unpackTable } from './packed-batches.ts';

/** Opens the embedded offline store in a process of its own, so that no query takes this one with it. The caller closes it. */
export async function openDuckdbProcessStore(options: EngineOptions): Promise<OfflineStore> {
  const engine = new DuckdbEngine(options);
  await engine.start();
  return new DuckdbProcessStore(engine, new DuckdbRuns(options.runsDirectory));
}

/** What it is asked, the engine's process answers with the store that it has open. */
class DuckdbProcessStore implements OfflineStore {
  readonly capabilities: OfflineCapabilities = duckdbCapabilities;
  readonly #engine: DuckdbEngine;
  readonly #runs: DuckdbRuns;

  constructor(engine: DuckdbEngine, runs: DuckdbRuns) {
    this.#engine = engine;
    this.#runs = runs;
  }

  async check(): Promise<void> {
    await this.#engine.answer({ method: 'check' });
  }

  async decideFiles(files: FilesRelation, signal?: AbortSignal): Promise<FilesRelation> {
    return (await this.#engine.read({ method: 'decideFiles', files }, { signal })) as FilesRelation;
  }

  unheld(rows: Table): Issue[] {
    return refusedCells(rows, requireHeld);
  }

  async columns(relation: Relation): Promise<Column[]> {
    return (await this.#engine.answer({ method: 'columns', relation })) as Column[];
  }

  async columnOrigins(relation: Relation): Promise<ReadonlyMap<string, ColumnOrigin[]> | undefined> {
    const origins = await this.#engine.answer({ method: 'columnOrigins', relation });
    return origins as ReadonlyMap<string, ColumnOrigin[]> | undefined;
  }

  async preview(relation: Relation, limit: number, signal?: AbortSignal): Promise<Table> {
    return unpackTable((await this.#engine.answer({ method: 'preview', relation, limit }, signal)) as PackedTable);
  }

  async count(relation: Relation): Promise<number> {
    return (await this.#engine.answer({ method: 'count', relation })) as number;
  }

  async version(relation: Relation): Promise<string | undefined> {
    return (await this.#engine.answer({ method: 'version', relation })) as string | undefined;
  }

  async transform(id: string, query: Relation, context: RunContext): Promise<{ rows: number }> {
    return (await this.#engine.call({ method: 'transform', id, relation: query }, context)) as { rows: number };
  }

  async dropTransformed(id: string): Promise<void> {
    await this.#engine.read({ method: 'dropTransformed', id });
  }

  scan(relation: Relation, columns: readonly string[], context: RunContext): AsyncIterable<ColumnBatch> {
    return this.#engine.stream({ method: 'scan', relation, columns }, context);
  }

  latest(plan: LatestPlan, context: RunContext): AsyncIterable<ColumnBatch> {
    return this.#engine.stream({ method: 'latest', plan }, context);
  }

  events(plan: LatestPlan, context: RunContext): AsyncIterable<ColumnBatch> {
    return this.#engine.stream({ method: 'events', plan }, context);
  }

  async retrieve(plan: PointInTimePlan, run: string, context: RunContext): Promise<RunSummary> {
    return (await this.#engine.call({ method: 'retrieve', plan, run }, context)) as RunSummary;
  }

  async readRun(run: string, offset: number, limit: number, filter?: RunFilter): Promise<Table> {
    const page = await this.#engine.answer({ method: 'readRun', run, offset, limit, filter });
    return unpackTable(page as PackedTable);
  }

  streamRun(run: string, signal: AbortSignal, filter?: RunFilter): AsyncIterable<ColumnBatch> {
    return this.#engine.stream({ method: 'streamRun', run, filter }, { signal });
  }

  async countRun(run: string, filter: RunFilter): Promise<number> {
    return (await this.#engine.answer({ method: 'countRun', run, filter })) as number;
  }

  runFile(run: string): string | undefined {
    return this.#runs.file(run);
  }

  async dropRun(run: string): Promise<void> {
    await this.#runs.drop(run);
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}
