import type { Catalog } from './catalog.ts';
import type { Draft } from './drafts.ts';
import { type ProviderRole, rolesOf } from './provider-roles.ts';
import {
  formatReference,
  kindInWords,
  parseReference,
  type Reference,
  type ResourceKind,
  viewKinds,
} from './reference.ts';
import { nearestName } from './spelling.ts';

/** What to say of a reference that names nothing registered: what is wrong, and what was probably meant. */
export function explainMissing(
  catalog: Catalog,
  kind: ResourceKind,
  reference: string,
): { message: string; fix: string } {
  return new AvailableNames(catalog).explainMissing(kind, reference);
}

/** The names that are registered or will be there after a batch, with their variants, the latest last. */
export class AvailableNames {
  readonly #variants = new Map<string, string[]>();
  readonly #features = new Set<string>();
  readonly #batch: boolean;
  readonly providers: { reference: string; roles: readonly ProviderRole[] }[] = [];

  constructor(catalog: Catalog, drafts: readonly Draft[] = []) {
    this.#batch = drafts.length > 0;
    for (const { kind, name, variant, ref, definition } of catalog.resources) {
      if (definition.kind === 'FEATURE') this.#features.add(ref);
      else this.#add(kind, name, variant);
      if (definition.kind === 'PROVIDER') this.providers.push({ reference: ref, roles: rolesOf(definition) });
    }
    for (const { definition } of drafts) {
      const { kind, name, variant } = definition;
      const reference = `${name}@${variant}`;
      const isNew = this.#add(kind, name, variant);
      if (kind === 'PROVIDER' && isNew) this.providers.push({ reference, roles: rolesOf(definition) });
      if (kind !== 'FEATURE_VIEW' && kind !== 'ON_DEMAND_FEATURE_VIEW') continue;
      for (const feature of definition.features) this.#features.add(`${reference}:${feature.name}`);
    }
  }

  /** The providers that are made for a role; if there are none and `any` will do, those that can serve in it. */
  able(role: ProviderRole, any: boolean): string[] {
    const made = this.providers.filter(({ roles }) => roles[0] === role);
    const able = made.length > 0 || !any ? made : this.providers.filter(({ roles }) => roles.includes(role));
    return able.map(({ reference }) => reference);
  }

  resolve(kind: ResourceKind, text: string): string | undefined {
    const reference = parseReference(kind, text);
    if (reference === undefined) return undefined;
    const holder = this.#holderOf(kind, reference.name);
    const variants = this.#variants.get(`${holder} ${reference.name}`) ?? [];
    const variant = reference.variant ?? variants.at(-1);
    if (variant === undefined || !variants.includes(variant)) return undefined;
    const pinned = formatReference({ ...reference, variant });
    return kind === 'FEATURE' && !this.#features.has(pinned) ? undefined : pinned;
  }

  explainMissing(kind: ResourceKind, text: string): { message: string; fix: string } {
    const words = kindInWords(kind);
    const reference = parseReference(kind, text);
    if (reference === undefined) {
      const form = kind === 'FEATURE' ? 'view:feature or view@variant:feature' : 'name or name@variant';
      return { message: `"${text}" is no reference to a ${words}.`, fix: `Write ${form}.` };
    }
    return { message: `There is no ${words} "${text}".`, fix: this.#suggest(kind, reference) };
  }

  #suggest(kind: ResourceKind, reference: Reference): string {
    const holder = this.#holderOf(kind, reference.name);
    const variants = this.#variants.get(`${holder} ${reference.name}`);
    if (variants === undefined) {
      const holders: readonly ResourceKind[] = kind === 'FEATURE' ? viewKinds : [holder];
      const known = [...this.#variants.keys()].flatMap((key) => {
        const [own, name = ''] = key.split(' ');
        return holders.some((one) => one === own) ? name : [];
      });
      const near = nearestName(reference.name, known);
      const when = this.#batch ? 'in the same batch or before it' : 'first';
      return near === undefined
        ? `Register the ${kindInWords(holder)} "${reference.name}" ${when}.`
        : `Did you mean "${this.#correctedName(kind, reference, near)}"?`;
    }
    if (reference.variant !== undefined && !variants.includes(reference.variant)) {
      return `"${reference.name}" has the variants ${variants.join(', ')}.`;
    }
    const view = `${reference.name}@${reference.variant ?? variants.at(-1)}:`;
    const features = [...this.#features].filter((one) => one.startsWith(view)).map((one) => one.slice(view.length));
    const near = nearestName(reference.feature ?? '', features);
    return near === undefined
      ? `The view has the features ${features.join(', ')}.`
      : `Did you mean "${reference.name}:${near}"?`;
  }

  /** Which kind has a name: of a feature's view either, and no name is of both. */
  #holderOf(kind: ResourceKind, name: string): ResourceKind {
    if (kind !== 'FEATURE') return kind;
    return viewKinds.find((view) => this.#variants.has(`${view} ${name}`)) ?? 'FEATURE_VIEW';
  }

  /** The reference with another name, and with its feature where there is one of that name. */
  #correctedName(kind: ResourceKind, { feature }: Reference, name: string): string {
    const corrected = formatReference({ name, ...(feature !== undefined && { feature }) });
    return this.resolve(kind, corrected) === undefined ? name : corrected;
  }

  #add(kind: ResourceKind, name: string, variant: string): boolean {
    const key = `${kind} ${name}`;
    const variants = this.#variants.get(key);
    if (variants === undefined) this.#variants.set(key, [variant]);
    else if (!variants.includes(variant)) variants.push(variant);
    else return false;
    return true;
  }
}
