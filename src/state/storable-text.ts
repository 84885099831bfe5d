/** Whether PostgreSQL can hold a text, also in its JSON: not with U+0000 or half of a surrogate pair in it. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
