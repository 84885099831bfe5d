import type { View } from '../../src/registry/graph-names.ts';

/** What the registry says of something: the words of its owner, and who that is. */
export function description(
  { description: own, owner }: { description: string; owner?: string | null | undefined },
  otherwise: string,
): string {
  const said = own.trim() === '' ? otherwise : own.trim();
  return owner ? `${said}\n\nOwner: ${owner}` : said;
}

export function viewDescription({ definition, ref }: View): string {
  return description(definition, `Features of ${ref}.`);
}
