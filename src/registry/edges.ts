import type { Edge, Resource } from './catalog.ts';
import { referencesOf } from './pinning.ts';

/** Every edge of the graph follows from the definitions; a view is upstream of its features. */
export function edgesAmong(resources: readonly Resource[]): Edge[] {
  const ids = new Map(resources.map((resource) => [`${resource.kind} ${resource.ref}`, resource.id]));
  return resources.flatMap((resource) => {
    const { definition } = resource;
    const upstream =
      definition.kind === 'FEATURE' ? [{ kind: 'FEATURE_VIEW', reference: definition.view }] : referencesOf(definition);
    return upstream.flatMap(({ kind, reference }) => {
      const from = ids.get(`${kind} ${reference}`);
      return from === undefined ? [] : [{ from, to: resource.id }];
    });
  });
}
