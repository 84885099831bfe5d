import { ColumnOrigins, type PrimaryColumn } from '../src/lineage/column-origins.ts';
import { materializationsOf } from '../src/materialization/materializations.ts';
import { compiledView } from '../src/on-demand/compiled-view.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import type { FeatureNode } from '../src/registry/definitions/feature-view.ts';
import { columnsRead } from '../src/registry/pinning.ts';
import { registered } from '../src/registry/registered.ts';
import { sourceOfView } from '../src/retrieval/point-in-time-planning.ts';
import { refuseBadPage } from './connections.ts';
import type { RequestContext } from './request-context.ts';

type FeatureView = ResourceOf<'FEATURE_VIEW'>;

export function viewEntity(context: RequestContext, { definition }: FeatureView) {
  return context.get('ENTITY', definition.entity);
}

export function viewSource(context: RequestContext, { definition }: FeatureView) {
  return context.get('SOURCE', definition.source);
}

export function viewProvider(context: RequestContext, reference: string | undefined) {
  return reference === undefined ? null : context.get('PROVIDER', reference);
}

export function viewFeatures(context: RequestContext, { ref, definition }: FeatureView): ResourceOf<'FEATURE'>[] {
  const { catalog } = context;
  context.spend('resources', definition.features.length);
  return definition.features.flatMap(({ name }) => catalog.find('FEATURE', `${ref}:${name}`) ?? []);
}

export function viewMaterializations({ application }: RequestContext, view: FeatureView, first: number) {
  refuseBadPage({ first });
  return materializationsOf(application.database, view.id, first);
}

/** Those of all inputs of an on-demand feature that its expression names; undefined where some transformation does not tell. */
async function inputOrigins(context: RequestContext, { view: ref, name }: FeatureNode) {
  const { everything } = context;
  const view = registered(everything, 'ON_DEMAND_FEATURE_VIEW', ref);
  const { expressions } = compiledView(everything, view);
  const position = view.definition.features.findIndex((feature) => feature.name === name);
  const origins = await Promise.all(
    view.definition.inputs
      .filter((_, at) => expressions[position]?.reads.includes(at))
      .map(async (input) => {
        const { definition } = registered(everything, 'FEATURE', input.feature);
        const source = sourceOfView(everything, registered(everything, 'FEATURE_VIEW', definition.view));
        return originsOf(context, source, columnsRead(definition));
      }),
  );
  return together(origins);
}

const askedOrigins = new WeakMap<RequestContext, ColumnOrigins>();

/** Shared by all features of a request. */
function columnOriginsOf(context: RequestContext): ColumnOrigins {
  const earlier = askedOrigins.get(context);
  if (earlier !== undefined) return earlier;
  const origins = new ColumnOrigins(context.everything, context.application.stores);
  askedOrigins.set(context, origins);
  return origins;
}

async function originsOf(
  context: RequestContext,
  source: ResourceOf<'SOURCE'>,
  columns: readonly string[],
): Promise<PrimaryColumn[] | undefined> {
  const origins = columnOriginsOf(context);
  return together(await Promise.all(columns.map((column) => origins.of(source, column))));
}

/** All of them, each once; undefined where some are not known. */
function together(origins: readonly (PrimaryColumn[] | undefined)[]): PrimaryColumn[] | undefined {
  if (origins.includes(undefined)) return undefined;
  const found = origins.flatMap((some) => some ?? []);
  return [...new Map(found.map((one) => [`${one.source.ref} ${one.column}`, one])).values()];
}

/** A count of events has none. */
async function storedOrigins(context: RequestContext, definition: FeatureNode) {
  const columns = columnsRead(definition);
  if (columns.length === 0) return [];
  return originsOf(context, viewSource(context, context.get('FEATURE_VIEW', definition.view)), columns);
}

export async function featureOrigins(context: RequestContext, feature: ResourceOf<'FEATURE'>) {
  const { definition } = feature;
  const origins =
    definition.expression === undefined
      ? await storedOrigins(context, definition)
      : await inputOrigins(context, definition);
  return origins?.filter(({ source: origin }) => context.catalog.byId(origin.id) !== undefined) ?? null;
}
