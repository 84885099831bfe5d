/** Federation's directives on a type or field of ours, kept in its extensions until it is printed. */
export type AppliedDirective = {
  name: string;
  args: Readonly<Record<string, string | readonly (readonly string[])[]>>;
};

declare module 'graphql' {
  interface GraphQLObjectTypeExtensions<_TSource, _TContext> {
    directives?: readonly AppliedDirective[];
  }
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    directives?: readonly AppliedDirective[];
    /** Tags of all whose values the field gives, or lets one find out. */
    valueTags?: readonly string[];
  }
}

export function key(fields: readonly string[]): AppliedDirective {
  return { name: 'key', args: { fields: fields.join(' ') } };
}

/** The type stands for an interface that another subgraph has, with its fields in all implementations. */
export const interfaceObject: AppliedDirective = { name: 'interfaceObject', args: {} };

/** Composed, and kept from clients. */
export const inaccessible: AppliedDirective = { name: 'inaccessible', args: {} };

/** Tag names may hold letters, digits, `_`, `-` and `/`; anything else becomes `-`, so that `team:rides` is `team-rides`. */
export function tags(words: readonly string[]): AppliedDirective[] {
  const names = new Set(words.map((word) => word.replaceAll(/[^\w/-]/g, '-').slice(0, longestTag)));
  return [...names].map((name) => ({ name: 'tag', args: { name } }));
}

/**
 * What a router asks of whoever selects a field with sensitive values: a scope for each tag, all of them. Scopes are
 * parted by blanks, and tags may have such: what a scope can't hold is written as in an address.
 */
export function sensitive(sensitiveTags: readonly string[]): AppliedDirective[] {
  if (sensitiveTags.length === 0) return [];
  const scopes = sensitiveTags.map((tag) => `featuregraph:sensitive:${encodeURIComponent(tag).replaceAll('%3A', ':')}`);
  return [
    { name: 'authenticated', args: {} },
    { name: 'requiresScopes', args: { scopes: [scopes.toSorted()] } },
  ];
}

/** What Apollo's composition takes at most. */
const longestTag = 128;
