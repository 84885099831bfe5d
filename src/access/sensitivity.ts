import type { Catalog, Resource } from '../registry/catalog.ts';
import { viewOf } from '../registry/feature-holder.ts';

/**
 * What holds values that need a grant of their own, by the tags that a deployment calls sensitive: whatever has one; a
 * feature whose view has one, or is computed on demand from one that has; a source that is computed from one that has.
 */
export class Sensitivity {
  readonly #tags: ReadonlySet<string>;
  readonly #known = new WeakMap<Catalog, Map<string, boolean>>();

  constructor(tags: Iterable<string>) {
    this.#tags = new Set(tags);
  }

  hasTag(tags: readonly string[]): boolean {
    return this.#tags.size > 0 && tags.some((tag) => this.#tags.has(tag));
  }

  isSensitive(resource: Resource, catalog: Catalog): boolean {
    if (this.#tags.size === 0) return false;
    const known = this.#known.get(catalog) ?? new Map<string, boolean>();
    this.#known.set(catalog, known);
    const earlier = known.get(resource.id);
    if (earlier !== undefined) return earlier;
    const is = this.hasTag(resource.tags) || this.#inherits(resource, catalog);
    known.set(resource.id, is);
    return is;
  }

  #inherits({ id, definition }: Resource, catalog: Catalog): boolean {
    if (definition.kind === 'FEATURE') {
      const view = viewOf(catalog, definition);
      return view !== undefined && (this.hasTag(view.tags) || this.#inherits(view, catalog));
    }
    if (definition.kind === 'ON_DEMAND_FEATURE_VIEW')
      return definition.inputs.some(({ feature }) => {
        const input = catalog.find('FEATURE', feature);
        return input !== undefined && this.isSensitive(input, catalog);
      });
    if (definition.kind !== 'SOURCE') return false;
    return catalog.upstream(id).some((input) => input.kind === 'SOURCE' && this.isSensitive(input, catalog));
  }
}
