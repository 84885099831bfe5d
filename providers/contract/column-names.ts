/**
 * What tells columns of one table apart: two names meet when theirs are equal. Engines differ over letter case, and
 * columns go from one to another, so letter case alone makes no difference.
 */
export function columnIdentity(name: string): string {
  return name.toLowerCase();
}
