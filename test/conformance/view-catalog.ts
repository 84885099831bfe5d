import { Catalog, type Resource, type ResourceOf } from '../../src/registry/catalog.ts';
import { type Definition, type DefinitionInput, definitionSchema } from '../../src/registry/definitions/definition.ts';
import { type FeatureNode, featureNodeSchema } from '../../src/registry/definitions/feature-view.ts';
import { featureReference } from '../../src/registry/reference.ts';

export type DescribedView = {
  name: string;
  features: readonly { name: string; type: string }[];
  eventTimestamp?: string;
  createdTimestamp?: string;
  ttl?: string;
  /** The provider that serves it. */
  onlineStore?: string;
  eventId?: { column: string };
  lateness?: string;
  eventColumns?: { column: string; type: string }[];
};

export type DescribedKey = { name: string; type: string };

const common = { description: '', owner: null, tags: [], properties: {}, statusMessage: null };

/**
 * The catalog of some views of one entity, as a registry would have it: each view reads a source `<view>_rows`, whose
 * rows are what its offline store has stored under that reference. Ids begin with `id`, so that catalogs with
 * different ones are kept apart in an online store.
 */
export function catalogOfViews(
  id: string,
  joinKeys: readonly DescribedKey[],
  views: readonly DescribedView[],
): Catalog {
  const resources: Resource[] = [];
  const add = (definition: Definition | FeatureNode, ref = `${definition.name}@v1`) => {
    const { kind, name } = definition;
    const sequence = resources.length;
    const times = { createdAt: new Date(0), updatedAt: new Date(0), sequence };
    resources.push({
      ...common,
      ...times,
      id: `${id} ${sequence}`,
      kind,
      name,
      variant: 'v1',
      ref,
      definition,
      status: 'READY',
    });
  };
  const define = (definition: DefinitionInput) => add(definitionSchema.parse(definition));
  define({ kind: 'PROVIDER', name: 'warehouse', config: { duckdb: {} } });
  define({ kind: 'ENTITY', name: 'thing', joinKeys: [...joinKeys] });
  for (const name of new Set(views.map(onlineStoreOf))) define({ kind: 'PROVIDER', name, config: { lmdb: {} } });
  for (const view of views) {
    const { name, features } = view;
    define({ kind: 'SOURCE', name: `${name}_rows`, provider: 'warehouse@v1', transformation: { sql: 'SELECT 1' } });
    const from = { entity: 'thing@v1', source: `${name}_rows@v1`, onlineStore: `${onlineStoreOf(view)}@v1` };
    define({ ...view, kind: 'FEATURE_VIEW', ...from, features: [...features] });
    for (const feature of features) {
      const node = featureNodeSchema.parse({ ...feature, kind: 'FEATURE', view: `${name}@v1` });
      add(node, featureReference(`${name}@v1`, feature.name));
    }
  }
  return new Catalog(resources, []);
}

function onlineStoreOf({ onlineStore }: DescribedView): string {
  return onlineStore ?? 'latest';
}

export function viewNamed(catalog: Catalog, name: string): ResourceOf<'FEATURE_VIEW'> {
  const view = catalog.find('FEATURE_VIEW', name);
  if (view === undefined) throw new RangeError(`there is no view ${name}`);
  return view;
}
