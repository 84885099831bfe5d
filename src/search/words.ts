/**
 * The words of a text, in small letters: `avgTripCount_7d` is avg, trip, count, 7d. A name is parted where a person
 * sees its parts: at what is no letter or digit, before a capital, and before a number.
 */
export function wordsOf(text: string): string[] {
  const parted = text
    .normalize('NFKC')
    .replaceAll(/(\p{Ll}|\d)(?=\p{Lu})/gu, '$1 ')
    .replaceAll(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1 ')
    .replaceAll(/(\p{L})(?=\d)/gu, '$1 ');
  return parted.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The first letters of a name of several words, as people speak of it: `click_through_rate` is ctr. */
export function initialsOf(name: string): string | undefined {
  const words = wordsOf(name).filter((word) => /^\p{L}/u.test(word));
  return words.length < 3 ? undefined : words.map(([first]) => first).join('');
}

/** Short forms that no rule makes of their words. */
const knownShort: ReadonlyMap<string, readonly string[]> = new Map([
  ['txn', ['transaction']],
  ['tx', ['transaction']],
  ['xfer', ['transfer']],
  ['id', ['identifier']],
  ['no', ['number']],
  ['nr', ['number']],
  ['ts', ['timestamp']],
  ['dt', ['date', 'datetime']],
  ['pax', ['passenger', 'passengers']],
]);

/**
 * Whether one word is a short form of another: its beginning (conv, conversion), or letters of it in their order of which
 * those after its beginning are consonants (avg, average; dept, department).
 */
export function isShortFor(short: string, long: string): boolean {
  if (knownShort.get(short)?.includes(long)) return true;
  if (short.length < 3 || long.length < short.length + 2) return false;
  let begun = 0;
  while (begun < short.length && short[begun] === long[begun]) begun++;
  if (begun === short.length) return true;
  const rest = short.slice(begun);
  return begun > 0 && /^[^aeiou\d]+$/.test(rest) && isInOrder(rest, long.slice(begun));
}

function isInOrder(letters: string, word: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = word.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
