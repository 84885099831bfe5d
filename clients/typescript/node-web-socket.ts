import { webSocketClass as ofPlatform } from './web-socket.ts';

/** Node 20 has none of its own. Bundlers for browsers take `web-socket.ts` instead, as the package.json says. */
export async function webSocketClass(): Promise<unknown> {
  return ofPlatform() ?? (await import('ws')).WebSocket;
}
