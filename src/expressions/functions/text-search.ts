/**
 * Up to this length the engine's own search is used, which takes at worst the product of both lengths: for 50,000
 * characters in 100,000 that is two seconds.
 */
const shortLength = 32;

/** Where a part first begins in a text; -1 where it does not. It takes the time of both lengths. */
export function firstPlace(text: string, part: string): number {
  if (part.length <= shortLength) return text.indexOf(part);
  for (const at of placesOf(text, part)) return at;
  return -1;
}

/** Where it last begins. */
export function lastPlace(text: string, part: string): number {
  if (part.length <= shortLength) return text.lastIndexOf(part);
  let last = -1;
  for (const at of placesOf(text, part)) last = at;
  return last;
}

/** What stands between the places of a part that is not empty. */
export function piecesOf(text: string, part: string): string[] {
  if (part.length <= shortLength) return text.split(part);
  const pieces: string[] = [];
  let from = 0;
  for (const at of placesOf(text, part)) {
    if (at < from) continue;
    pieces.push(text.slice(from, at));
    from = at + part.length;
  }
  return [...pieces, text.slice(from)];
}

/** All places of a part, those within one another too (Knuth, Morris and Pratt, 1977). */
function* placesOf(text: string, part: string): Generator<number> {
  const borders = bordersOf(part);
  let matched = 0;
  for (let at = 0; at < text.length; at++) {
    matched = longer(part, borders, matched, text.charCodeAt(at));
    if (matched < part.length) continue;
    yield at - matched + 1;
    matched = borders[matched - 1] ?? 0;
  }
}

/** Of each beginning of a part, how much of its end is a beginning again. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  for (let at = 1; at < part.length; at++) {
    borders[at] = longer(part, borders, borders[at - 1] ?? 0, part.charCodeAt(at));
  }
  return borders;
}

/** How much is matched with one unit more. */
function longer(part: string, borders: Int32Array, matched: number, unit: number): number {
  let length = matched;
  while (length > 0 && unit !== part.charCodeAt(length)) length = borders[length - 1] ?? 0;
  return unit === part.charCodeAt(length) ? length + 1 : length;
}
