import * as z from 'zod';
import { type Ask, type Registered, type View, type ViewHead, viewsInRoles } from './registered.ts';

/** A value of each join key of an entity, as a literal of GraphQL: the same text in JSON. */
export type SampleKeys = ReadonlyMap<string, string>;

const preview = z.object({
  columns: z.array(z.object({ name: z.string() })),
  rows: z.array(z.array(z.json())),
});

/** What there is a value of in every registry: nothing is found by it, and nothing fails. */
const anyKey: Readonly<Record<string, string>> = {
  BOOL: 'true',
  STRING: '"a"',
  BYTES: '"YQ=="',
  DATE: '"2024-01-01"',
  TIMESTAMP: '"2024-01-01T00:00:00Z"',
};

/** Of the views that tabs speak of, the keys of the first row of their sources, by the view's reference. */
export async function sampleKeys(ask: Ask, views: readonly ViewHead[]): Promise<ReadonlyMap<string, SampleKeys>> {
  const bySource = Map.groupBy(views, ({ source }) => source.ref);
  const sampled = await Promise.all(
    [...bySource].map(async ([source, read]) => {
      const row = await firstRow(ask, source);
      return read.map((view) => [view.ref, keysOf(view, row)] as const);
    }),
  );
  return new Map(sampled.flat());
}

async function firstRow(ask: Ask, source: string): Promise<ReadonlyMap<string, z.core.util.JSONType>> {
  const data = await ask(`{ source(ref: ${JSON.stringify(source)}) { preview(limit: 1) { columns { name } rows } } }`);
  const read = z.object({ source: z.object({ preview }) }).safeParse(data).data;
  const [row] = read?.source.preview.rows ?? [];
  return new Map(read?.source.preview.columns.map(({ name }, at) => [name, row?.[at] ?? null]));
}

function keysOf({ entity, joinKeys }: ViewHead, row: ReadonlyMap<string, unknown>): SampleKeys {
  return new Map(
    entity.joinKeys.map(({ name, type }) => {
      const column = joinKeys.find(({ joinKey }) => joinKey === name)?.column ?? name;
      const value = row.get(column);
      const isKey = ['string', 'number', 'boolean'].includes(typeof value);
      return [name, isKey ? JSON.stringify(value) : (anyKey[type] ?? '1')];
    }),
  );
}

/** The views whose keys tabs need: one for each entity and role that they ask for. */
export function viewsOfTabs({ featureServices, featureViews }: Registered): (View | ViewHead)[] {
  const served = featureServices.flatMap((service) => viewsInRoles(service).map(({ view }) => view));
  const shown = [...served, ...featureViews].map((view) => [view.ref, view] as const);
  return [...new Map(shown).values()].slice(0, 20);
}
