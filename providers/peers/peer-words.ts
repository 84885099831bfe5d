const longestWords = 500;

/** What a server says, for a message of ours: it can quote a value of any length, or speak without end. */
export function peerWords(said: string): string {
  return said.length <= longestWords ? said : `${said.slice(0, longestWords)}…`;
}
