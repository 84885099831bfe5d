import { hasEmbedding, type View } from '../graph-names.ts';
import { featureFieldName } from '../naming.ts';
import { kindInWords } from '../reference.ts';
import type { Report } from './check-world.ts';
import { isKept, keptInWords, NameSuggestions } from './name-suggestions.ts';

/** What a view with an embedding has besides its features: the search for what is near. */
const searchField = 'nearest';

/** GraphQL has no enum values of these names, and embeddings are such values. */
const noEnumValues = ['true', 'false', 'null'];

/** That a view's features have fields of their own in its type, which its variants share. */
export function checkFeatureFields(view: View, variants: readonly View[], report: Report): void {
  const { features } = view.definition;
  const searched = variants.find((one) => hasEmbedding(one.definition));
  const holders = new Map(searched && [[searchField, `the search by the embedding of ${searched.ref} already is`]]);
  const fields = features.map(featureFieldName);
  const own = new Set(fields);
  const suggestions = new NameSuggestions();
  const seen = new Set<string>();
  for (const [at, feature] of features.entries()) {
    const field = fields[at] ?? '';
    // Two features of one name are reported as such.
    if (seen.has(feature.name)) continue;
    seen.add(feature.name);
    const holder = holders.get(field);
    const problem = problemOf(view, feature, field, holder);
    if (holder === undefined) holders.set(field, `feature "${feature.name}" already is`);
    if (problem === undefined) continue;
    const free = suggestions.next('', field, 'Feature', (name) => !own.has(name));
    own.add(free);
    report(`features[${at}]`, problem, `Give it a graphqlName, such as "${free}".`);
  }
  if (hasEmbedding(view.definition)) checkOlderVariants(view, variants, report);
}

type Feature = { name: string; type?: string | undefined };

function problemOf(view: View, feature: Feature, field: string, holder?: string): string | undefined {
  const subject = `Feature "${feature.name}" of ${kindInWords(view.kind)} ${view.ref}`;
  if (isKept(field)) return keptInWords(field);
  if (holder !== undefined) return `${subject} would be the field "${field}", which ${holder}.`;
  if (!feature.type?.startsWith('VECTOR') || !noEnumValues.includes(field)) return undefined;
  return `${subject} would be the enum value "${field}", which GraphQL keeps for itself.`;
}

/** A first embedding takes a field that a feature of an older variant may have. */
function checkOlderVariants(view: View, variants: readonly View[], report: Report): void {
  const older = variants.filter((one) => one.sequence < view.sequence && !hasEmbedding(one.definition));
  for (const one of older) {
    const holder = one.definition.features.find((feature) => featureFieldName(feature) === searchField);
    if (holder === undefined) continue;
    const at = view.definition.features.findIndex(({ type = '' }) => type.startsWith('VECTOR'));
    const subject = `The search by the embedding of feature view ${view.ref}`;
    const message = `${subject} would be the field "${searchField}", which feature ${one.ref}:${holder.name} already is.`;
    report(`features[${at}]`, message, 'Register a view of another name for the embedding.');
  }
}
