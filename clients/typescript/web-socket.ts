/** What the platform has: browsers in any case, newer versions of Node. */
export function webSocketClass(): unknown {
  return globalThis.WebSocket;
}
