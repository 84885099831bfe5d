/** Federation's directives on a type or field of ours, kept in its extensions until it is printed. */
export type AppliedDirective = { name: string; args: Readonly<Record<string, string>> };

declare module 'graphql' {
  interface GraphQLObjectTypeExtensions<_TSource, _TContext> {
    directives?: readonly AppliedDirective[];
  }
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    directives?: readonly AppliedDirective[];
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

/** What Apollo's composition takes at most. */
const longestTag = 128;
