/**
 * Operations by their names, written without what the rest of them tells, so that a page loads less: the name after the
 * word that begins one, and at `*` the arguments that are the variables, each by its name.
 */
export function sentTexts<N extends string>(written: Readonly<Record<N, string>>): Readonly<Record<N, string>> {
  const texts = Object.entries<string>(written).map(([name, text]) => [
    name,
    text.replace(/^\w+/, (type) => `${type} ${name}`).replace('*', () => argumentsOf(text)),
  ]);
  return Object.fromEntries(texts);
}

export function argumentsOf(text: string): string {
  return `(${Array.from(text.matchAll(/\$(\w+):/g), ([, name]) => `${name}:$${name}`).join(' ')})`;
}
