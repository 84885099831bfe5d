/** The `key=value` directories of a path, in order. Null is what Hive writes for a value that was not there. */
export function partitionsOf(path: string): Map<string, string | null> {
  const partitions = new Map<string, string | null>();
  for (const directory of path.split('/').slice(0, -1)) {
    const at = directory.indexOf('=');
    if (at <= 0) continue;
    const value = directory.slice(at + 1);
    partitions.set(directory.slice(0, at), value === '__HIVE_DEFAULT_PARTITION__' ? null : decoded(value));
  }
  return partitions;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
