import { columnOrigins } from '../src/lineage/column-origins.ts';
import { materializationsOf } from '../src/materialization/materializations.ts';
import type { ResourceOf } from '../src/registry/catalog.ts';
import { featureColumn } from '../src/registry/pinning.ts';
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

export async function featureOrigins(context: RequestContext, feature: ResourceOf<'FEATURE'>) {
  const { application, catalog, everything } = context;
  const source = viewSource(context, context.get('FEATURE_VIEW', feature.definition.view));
  const origins = await columnOrigins(everything, application.stores, source, featureColumn(feature.definition));
  return origins?.filter(({ source: origin }) => catalog.byId(origin.id) !== undefined) ?? null;
}
