import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Logger, pino } from 'pino';
import { type GraphSchemas, graphSchemas } from '../schema/entity-graph/graph-schemas.ts';
import { printSubgraph } from '../schema/entity-graph/print-subgraph.ts';
import { LiveSchema } from '../server/live-schema.ts';
import { Catalog, type Resource } from '../src/registry/catalog.ts';
import { draughtPlan } from '../src/registry/planning.ts';
import { eventually } from './servers/eventually.ts';

const joinKeys = [{ name: 'id', type: 'INT64' }];

/** The catalog that has some definitions more. Nothing checks their names. */
function withMore(catalog: Catalog, definitions: readonly Record<string, unknown>[]): Catalog {
  return draughtPlan(catalog, definitions, []).after;
}

const entity = (name: string) => ({ kind: 'ENTITY', name, joinKeys });

/** A registry that is what it is set to, and a logger that keeps what it is told. */
function registered() {
  const listeners = new Set<() => void>();
  const lines: { level: number; msg: string }[] = [];
  const logger: Logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
  const registry = {
    catalog: withMore(new Catalog([], []), [entity('driver')]),
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const change = (catalog: Catalog) => {
    registry.catalog = catalog;
    for (const listener of listeners) listener();
  };
  return { registry, logger, lines, listeners, change };
}

describe('the schema that follows a registry', () => {
  test('is one swap for a burst of changes, and follows one that does not end', async (context) => {
    const { registry, logger, lines, change } = registered();
    const live = new LiveSchema(registry, logger);
    context.after(() => live.stop());
    const atFirst = lines.length;
    const swaps = () => lines.length - atFirst;
    for (let at = 0; at < 50; at++) change(withMore(registry.catalog, [entity(`thing_${at}`)]));
    assert.equal(swaps(), 0);
    await eventually(async () => assert.ok(live.full.getType('Thing49')));
    assert.equal(swaps(), 1);
    const began = performance.now();
    for (let at = 50; performance.now() - began < 1_500; at++) {
      change(withMore(registry.catalog, [entity(`thing_${at}`)]));
      await pause(10);
    }
    assert.ok(live.full.getType('Thing60'), 'nothing of it has been shown');
    assert.ok(swaps() >= 2 && swaps() <= 5, `${swaps()} swaps`);
  });

  test('stays as it is when the next can not be built, tells of it, and goes on with the next that can', async (context) => {
    const { registry, logger, lines, change } = registered();
    const live = new LiveSchema(registry, logger);
    context.after(() => live.stop());
    const { full, subgraph } = live;
    const good = registry.catalog;
    change(withMore(good, [entity('Driver')]));
    await eventually(async () => assert.ok(lines.some(({ level }) => level === 50)));
    assert.match(lines.find(({ level }) => level === 50)?.msg ?? '', /can not be built; the one before stays/);
    assert.equal(live.full, full);
    assert.equal(live.subgraph, subgraph);
    change(withMore(good, [entity('rider')]));
    await eventually(async () => assert.ok(live.full.getType('Rider')));
    assert.ok(live.full.getType('Driver') && live.subgraph.getType('Rider'));
    assert.equal(lines.filter(({ level }) => level === 50).length, 1);
  });

  test('follows no longer when it is stopped', async () => {
    const { registry, logger, listeners, change } = registered();
    const live = new LiveSchema(registry, logger);
    change(withMore(registry.catalog, [entity('rider')]));
    live.stop();
    await pause(200);
    assert.equal(live.full.getType('Rider'), undefined);
    assert.equal(listeners.size, 0);
  });
});

/** 2,000 features in 200 views on 40 entities. */
function largeCatalog(): Catalog {
  const features = Array.from({ length: 10 }, (_, at) => ({ name: `feature_${at}`, type: 'FLOAT64' }));
  return withMore(new Catalog([], []), [
    { kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } },
    { kind: 'PROVIDER', name: 'latest', config: { lmdb: {} } },
    { kind: 'SOURCE', name: 'rows', files: { paths: ['rows.csv'] } },
    ...Array.from({ length: 40 }, (_, at) => entity(`entity_${at}`)),
    ...Array.from({ length: 200 }, (_, at) => {
      return { kind: 'FEATURE_VIEW', name: `view_${at}`, entity: `entity_${at % 40}`, source: 'rows', features };
    }),
  ]);
}

/** The catalog with other words for one of its views. */
function described(catalog: Catalog, change: number): Catalog {
  const views = catalog.ofKind('FEATURE_VIEW');
  const view = views[change % views.length] ?? assert.fail();
  const description = `What it is since change ${change}.`;
  const newer: Resource = { ...view, description, definition: { ...view.definition, description } };
  return catalog.renewed(new Map([[view.id, newer]]));
}

test('memory is flat over 1,000 swaps', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let catalog = largeCatalog();
  let graphs: GraphSchemas | undefined;
  let printed = 0;
  const heapAfter = async (from: number, to: number) => {
    for (let change = from; change < to; change++) {
      catalog = described(catalog, change);
      const next = graphSchemas(catalog, graphs);
      assert.notEqual(next, graphs);
      graphs = next;
      // As gateways ask now and then.
      if (change % 10 !== 0) continue;
      const text = await printSubgraph(graphs.subgraph, { version: '2.3', sensitiveTags: [] });
      printed += text.length;
    }
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  // Until then the heap still grows by what is compiled and kept once.
  const early = await heapAfter(0, 500);
  const late = await heapAfter(500, 1_500);
  assert.ok(printed > 0 && graphs?.full.getType('Entity0View0'));
  assert.ok(late - early < 3, `${late} MB after 1,500 swaps, ${early} MB after 500`);
});
