import type { Edge, Resource } from './catalog.ts';
import { referencesOf } from './pinning.ts';
import { viewKinds } from './reference.ts';

/** Every edge of the graph follows from the definitions; a view is upstream of its features. */
export function edgesAmong(resources: readonly Resource[]): Edge[] {
  const ids = new Map(resources.map((resource) => [`${resource.kind} ${resource.ref}`, resource.id]));
  const edges: Edge[] = [];
  for (const { id: to, definition } of resources) {
    for (const upstream of upstreamOf(definition)) {
      const from = ids.get(upstream);
      if (from !== undefined) edges.push({ from, to });
    }
  }
  return edges;
}

const known = new WeakMap<Resource['definition'], readonly string[]>();

/** Kinds and references of what a definition is built on. */
function upstreamOf(definition: Resource['definition']): readonly string[] {
  const earlier = known.get(definition);
  if (earlier !== undefined) return earlier;
  const references =
    definition.kind === 'FEATURE'
      ? viewKinds.map((kind) => ({ kind, reference: definition.view }))
      : referencesOf(definition);
  const upstream = references.map(({ kind, reference }) => `${kind} ${reference}`);
  known.set(definition, upstream);
  return upstream;
}
