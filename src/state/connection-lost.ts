/** SQLSTATE classes and codes that end a connection: connection exceptions, and a server that shuts down or starts. */
const lostStates = /^(08...|57P0[123])$/;
const lostSystemCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** What `pg` throws without a code. */
const lostMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether an error says that the server can't be reached (now), rather than that it refused what was asked. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionLost);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return lostStates.test(code) || lostSystemCodes.has(code) || lostMessages.test(error.message);
}
