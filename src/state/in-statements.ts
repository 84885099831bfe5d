/**
 * How many rows a statement reads or writes at a time: enough that the way to the database counts for little, far from the
 * 65,535 parameters that a statement has at most, and so few that the embedded database, which works on this thread, keeps
 * nobody waiting for long.
 */
const rowsOfStatement = 200;

export function* inStatements<T>(all: readonly T[]): Generator<readonly T[]> {
  if (all.length <= rowsOfStatement) {
    if (all.length > 0) yield all;
    return;
  }
  for (let at = 0; at < all.length; at += rowsOfStatement) yield all.slice(at, at + rowsOfStatement);
}
