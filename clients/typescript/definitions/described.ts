import { requireList, requireObject } from './misuse.ts';

/** What any definition, and any feature, may say of itself. */
export type Described = {
  description?: string;
  owner?: string;
  tags?: readonly string[];
  properties?: Readonly<Record<string, string>>;
  /** Why nothing new should use it, and what to use instead. */
  deprecated?: string;
};

/** Of what has variants: v1 when left out. */
export type Varied<V extends string = string> = Described & { variant?: V };

/** A definition of which name and variant are known. */
export type Named<I, N extends string, V extends string> = I & { name: N; variant?: V };

type Written<O extends Described> = Omit<O, 'tags' | 'properties'> & {
  tags?: string[];
  properties?: { key: string; value: string }[];
};

/** As the graph takes it: a map of properties is a list of its entries. */
export function described<O extends Described>({ tags, properties, ...options }: O): Written<O> {
  if (tags !== undefined) requireList('tags', 'what is given', tags, "Write tags: ['raw'].");
  if (properties !== undefined)
    requireObject('properties', 'what is given', properties, "Write properties: { team: 'fleet' }.");
  return {
    ...options,
    ...(tags !== undefined && { tags: [...tags] }),
    ...(properties !== undefined && {
      properties: Object.entries(properties).map(([key, value]) => ({ key, value })),
    }),
  } as Written<O>;
}

/** A reference to just this variant where one is named, otherwise to the latest. */
export function referenceTo({ name, variant }: { name: string; variant?: string | null | undefined }): string {
  return variant === undefined || variant === null ? name : `${name}@${variant}`;
}
