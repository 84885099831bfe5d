import type { Catalog, Resource, ResourceOf } from '../registry/catalog.ts';
import { type Grant, isUnbound, matcher, type Selected } from './grant.ts';
import { type Action, actionsOf } from './role.ts';
import { Sensitivity } from './sensitivity.ts';

type Read = {
  actions: ReadonlySet<Action>;
  isUnbound: boolean;
  sensitive: boolean;
  matches: (resource: Selected) => boolean;
};

/** What is worked out once for each catalog: ids by what may be done with them. */
type Verdicts = {
  byAction: Map<string, ReadonlySet<string>>;
  /** By the id of a view. */
  withheld: Map<string, ReadonlySet<number> | 'ALL'>;
  visible?: Catalog;
  servable?: Catalog;
};

/**
 * What one principal may do. Asked from memory: what its grants match of a catalog is worked out once, when it is first
 * asked for, and is a look-up from then on. A feature is matched with its view; whoever serves a feature service serves
 * the features of it.
 */
export class Rights {
  readonly #grants: readonly Read[];
  readonly #isOpen: boolean;
  readonly #sensitivity: Sensitivity;
  readonly #verdicts = new WeakMap<Catalog, Verdicts>();

  private constructor(grants: readonly Grant[], isOpen: boolean, sensitivity: Sensitivity) {
    this.#isOpen = isOpen;
    this.#sensitivity = sensitivity;
    this.#grants = grants.map(({ role, selector, sensitive }) => ({
      actions: actionsOf[role],
      isUnbound: isUnbound(selector),
      sensitive,
      matches: matcher(selector),
    }));
  }

  static of(grants: readonly Grant[], sensitivity: Sensitivity): Rights {
    return new Rights(grants, false, sensitivity);
  }

  /** Of whoever asks a server that authenticates nobody. */
  static open(): Rights {
    return new Rights([], true, new Sensitivity([]));
  }

  /** Whether nothing needs to be asked: it may do anything, to anything, sensitive values too. */
  get mayAnything(): boolean {
    return this.#isOpen;
  }

  /** Whether it is served everything there is, sensitive values too. */
  get servesAll(): boolean {
    return this.#isOpen || this.#grants.some((one) => one.isUnbound && one.actions.has('SERVE') && one.sensitive);
  }

  /** The places, among its features, of those that it may not be served; ALL where that is all of them. */
  withheld(
    view: ResourceOf<'FEATURE_VIEW'> | ResourceOf<'ON_DEMAND_FEATURE_VIEW'>,
    catalog: Catalog,
  ): ReadonlySet<number> | 'ALL' {
    const { withheld } = this.#verdictsOf(catalog);
    const known = withheld.get(view.id);
    if (known !== undefined) return known;
    const places = new Set<number>();
    for (const [at, { name }] of view.definition.features.entries()) {
      const feature = catalog.find('FEATURE', `${view.ref}:${name}`);
      if (feature === undefined || !this.allowsValues('SERVE', feature, catalog)) places.add(at);
    }
    const verdict = places.size === view.definition.features.length ? 'ALL' : places;
    withheld.set(view.id, verdict);
    return verdict;
  }

  /** Whether it may do this to anything at all. */
  holds(action: Action): boolean {
    return this.#isOpen || this.#grants.some(({ actions }) => actions.has(action));
  }

  /** Whether it may do this to everything, and to the server as a whole. */
  holdsForAll(action: Action): boolean {
    return this.#isOpen || this.#grants.some((grant) => grant.isUnbound && grant.actions.has(action));
  }

  /** Whether it may do this to something that is registered. Of the values of what is sensitive, `allowsValues` tells. */
  allows(action: Action, { id }: Resource, catalog: Catalog): boolean {
    return this.holdsForAll(action) || this.#idsOf(action, catalog, false).has(id);
  }

  /** Whether it may do this to something that is not registered yet, or is to be so. */
  allowsWritten(action: Action, resource: Selected): boolean {
    return this.#isOpen || this.#grants.some((grant) => grant.actions.has(action) && grant.matches(resource));
  }

  /** Whether it may read values: of what is sensitive only by a grant that says so. */
  allowsValues(action: 'READ' | 'SERVE', resource: Resource, catalog: Catalog): boolean {
    if (this.#isOpen) return true;
    if (!this.allows(action, resource, catalog)) return false;
    return !this.#sensitivity.isSensitive(resource, catalog) || this.allowsSensitive(action, resource, catalog);
  }

  /** Whether a grant gives it the sensitive values of something. */
  allowsSensitive(action: 'READ' | 'SERVE', { id }: Resource, catalog: Catalog): boolean {
    return this.#isOpen || this.#idsOf(action, catalog, true).has(id);
  }

  isSensitive(resource: Resource, catalog: Catalog): boolean {
    return this.#sensitivity.isSensitive(resource, catalog);
  }

  hasSensitiveTag(tags: readonly string[]): boolean {
    return this.#sensitivity.hasTag(tags);
  }

  /** What of a catalog may be seen: anything else is as if it were not registered. */
  visible(catalog: Catalog): Catalog {
    if (this.holdsForAll('VIEW')) return catalog;
    const verdicts = this.#verdictsOf(catalog);
    verdicts.visible ??= catalog.part(this.#idsOf('VIEW', catalog, false));
    return verdicts.visible;
  }

  /** What may be seen, and what may be served with the views and entities that it needs. */
  servable(catalog: Catalog): Catalog {
    if (this.holdsForAll('VIEW') || this.holdsForAll('SERVE')) return catalog;
    const verdicts = this.#verdictsOf(catalog);
    verdicts.servable ??= this.#servable(catalog);
    return verdicts.servable;
  }

  #servable(catalog: Catalog): Catalog {
    const ids = new Set([...this.#idsOf('VIEW', catalog, false), ...this.#idsOf('SERVE', catalog, false)]);
    for (const allowed of [...ids]) {
      const resource = catalog.byId(allowed);
      if (resource === undefined || !isFeature(resource)) continue;
      for (const { id } of neededToServe(catalog, resource)) ids.add(id);
    }
    return catalog.part(ids);
  }

  #verdictsOf(catalog: Catalog): Verdicts {
    const known: Verdicts = this.#verdicts.get(catalog) ?? { byAction: new Map(), withheld: new Map() };
    this.#verdicts.set(catalog, known);
    return known;
  }

  #idsOf(action: Action, catalog: Catalog, sensitive: boolean): ReadonlySet<string> {
    const { byAction } = this.#verdictsOf(catalog);
    const key = sensitive ? `${action} SENSITIVE` : action;
    const known = byAction.get(key) ?? this.#matched(action, catalog, sensitive);
    byAction.set(key, known);
    return known;
  }

  #matched(action: Action, catalog: Catalog, sensitive: boolean): ReadonlySet<string> {
    const grants = this.#grants.filter((grant) => grant.actions.has(action) && (grant.sensitive || !sensitive));
    const matched = catalog.resources.filter((resource) => grants.some(({ matches }) => matches(resource)));
    const ids = new Set(matched.map(({ id }) => id));
    for (const resource of matched) for (const feature of featuresWith(resource, action, catalog)) ids.add(feature.id);
    return ids;
  }
}

function isFeature(resource: Resource): resource is ResourceOf<'FEATURE'> {
  return resource.kind === 'FEATURE';
}

/** A feature's view and entity, and of one that is computed on demand all that its inputs are and need. */
function neededToServe(catalog: Catalog, { definition }: ResourceOf<'FEATURE'>): Resource[] {
  const stored = catalog.find('FEATURE_VIEW', definition.view);
  const entity = stored && catalog.find('ENTITY', stored.definition.entity);
  if (stored !== undefined) return entity === undefined ? [stored] : [stored, entity];
  const view = catalog.find('ON_DEMAND_FEATURE_VIEW', definition.view);
  const inputs = (view?.definition.inputs ?? []).flatMap(({ feature }) => catalog.find('FEATURE', feature) ?? []);
  return [...(view ? [view] : []), ...inputs, ...inputs.flatMap((input) => neededToServe(catalog, input))];
}

/** The features that come along with what a grant matches. */
function featuresWith(resource: Resource, action: Action, catalog: Catalog): Resource[] {
  const { definition } = resource;
  if (definition.kind === 'FEATURE_VIEW' || definition.kind === 'ON_DEMAND_FEATURE_VIEW')
    return definition.features.flatMap(({ name }) => catalog.find('FEATURE', `${resource.ref}:${name}`) ?? []);
  if (definition.kind === 'FEATURE_SERVICE' && action === 'SERVE')
    return definition.features.flatMap(({ feature }) => catalog.find('FEATURE', feature) ?? []);
  return [];
}
