/** What the system's codes of a connection that failed mean, in words that lead to the fix. */
export const connectionErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections: is it running, and on this port?',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'it did not answer in time',
  EPIPE: 'the connection was lost',
};
