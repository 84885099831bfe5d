/** Two underscores in a row belong to GraphQL's introspection and to federation. */
export function isKept(name: string): boolean {
  return name.includes('__');
}

export function keptInWords(name: string): string {
  return `"${name}" holds two underscores in a row, which GraphQL and federation keep for themselves.`;
}

/** Names for those that can't be had. Many that want one name take one turn through its likes, not one each. */
export class NameSuggestions {
  readonly #likes = new Map<string, Generator<string, never>>();

  /** The next name like a wanted one that is free in a place. Only so many are taken, so there is one. */
  next(place: string, wanted: string, ending: string, isFree: (name: string) => boolean): string {
    const key = `${place} ${wanted}`;
    const likes = this.#likes.get(key) ?? namesLike(wanted, ending);
    this.#likes.set(key, likes);
    for (;;) {
      const name = likes.next().value;
      if (isFree(name)) return name;
    }
  }
}

function* namesLike(wanted: string, ending: string): Generator<string, never> {
  const single = wanted.replaceAll(/_{2,}/g, '_');
  if (isKept(wanted)) yield single;
  yield `${single}${ending}`;
  for (let count = 2; ; count++) yield `${single}${ending}${count}`;
}
